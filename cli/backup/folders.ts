import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { parsedJson } from '../../domain/parse.ts';
import { linesOf } from './files.ts';

/** A small file of a folder, by its path in it. */
const entry = z.object({ path: z.string(), text: z.string() });

/** Files that are still being written have names with a random end. */
const JSON_FILE = /\.json$/;
const READINGS = 100;

function* filesIn(folder: string): Generator<string> {
  for (const found of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, found.name);
    if (found.isDirectory()) yield* filesIn(path);
    else if (JSON_FILE.test(found.name)) yield path;
  }
}

/**
 * All entries of a register, as they were at one time: keys are only ever added, and never changed, so two listings that
 * agree are one moment.
 */
export function* registerLines(folder: string): Generator<string> {
  let files = [...filesIn(folder)].sort();
  for (let n = 0; ; n++) {
    const again = [...filesIn(folder)].sort();
    if (again.join('\n') === files.join('\n')) break;
    if (n === READINGS) throw new Error(`${folder} changes all the time: take the backup when less is done`);
    files = again;
  }
  for (const file of files) {
    yield JSON.stringify({ path: relative(folder, file), text: readFileSync(file, 'utf8') } satisfies z.infer<
      typeof entry
    >);
  }
}

const CHECKPOINTS = ['journal.jsonl', 'forgotten.jsonl'];
export const checkpointsOf = (dataDir: string): string => join(dataDir, 'ingest', 'checkpoints');

/** The journal is appended to, or replaced whole: whatever was read, the log monitor could go on from. */
export function* checkpointLines(dataDir: string): Generator<string> {
  for (const path of CHECKPOINTS) {
    const file = join(checkpointsOf(dataDir), path);
    if (existsSync(file))
      yield JSON.stringify({ path, text: readFileSync(file, 'utf8') } satisfies z.infer<typeof entry>);
  }
}

/** Makes a folder of the lines of a file, whole or not at all; one that has files already is left as it is (false). */
export async function bringFolderBack(path: string, folder: string): Promise<boolean> {
  if (existsSync(folder) && readdirSync(folder).length > 0) return false;
  const aside = `${folder}.from-backup`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { recursive: true });
  await unpack(path, aside);
  renameSync(aside, folder);
  return true;
}

export async function unpack(path: string, folder: string): Promise<void> {
  for await (const line of linesOf(path)) {
    const { path: name, text } = parsedJson(entry, line, path);
    const file = join(folder, name);
    if (relative(folder, file).startsWith('..')) throw new Error(`${path} names a file outside of it: ${name}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode: 0o600, flush: true });
  }
}
