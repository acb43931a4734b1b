import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SetupError } from './error.mjs';

/** The SHA-256 of every file below a folder, as lines that `sha256sum --check` reads, in the order of their paths. */
export async function listOf(folder) {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
  const lines = [];
  for (const path of paths) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(join(folder, path)), hash);
    lines.push(`${hash.digest('hex')}  ${path}\n`);
  }
  return lines.join('');
}

/** Throws a SetupError unless the folder has exactly the files of the list. */
export async function checkHashes({ what, folder, list }) {
  const wanted = parse(readFileSync(list, 'utf8'));
  const had = parse(await listOf(folder));
  const reason = (path) => {
    if (!had.has(path)) return `${path} is missing`;
    if (!wanted.has(path)) return `${path} is not in the list`;
    return `${path} has SHA-256 ${had.get(path)}, not ${wanted.get(path)}`;
  };
  const different = [...new Set([...wanted.keys(), ...had.keys()])].filter(
    (path) => wanted.get(path) !== had.get(path),
  );
  if (different.length === 0) return;
  const more = different.length > 1 ? `, and ${different.length - 1} more` : '';
  throw new SetupError(
    `${what} was not installed: what was fetched is not what ${list} lists: ${reason(different[0])}${more}. ` +
      'The repository, a mirror or the local one (~/.m2) gave another file: remove it there, then run it again',
  );
}

const parse = (text) =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(66), line.slice(0, 64)]),
  );
