import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Log } from '../../../infra/log.ts';
import { type ArchivedFile, type Manifest, paddedOffset, readManifest } from './manifest.ts';

/**
 * `aside/clicks-3-00000000000000001200-<token>`: a range being written. The token distinguishes writers of one range.
 */
export const asideFolder = (topic: string, partition: number, from: number, token: string): string =>
  join('aside', `${topic}-${partition}-${paddedOffset(from)}-${token}`);

export const dayFolder = (day: string): string => join('clicks', `dt=${day}`);

/** Moves a manifest's files to where readers look for them. Safe to run concurrently. */
export function putInPlace(archiveDir: string, { files }: Pick<Manifest, 'files'>): void {
  for (const file of files) move(archiveDir, file);
  const folders = new Set(files.map(({ aside }) => dirname(aside)));
  for (const folder of folders) rmSync(join(archiveDir, folder), { recursive: true, force: true });
}

function move(archiveDir: string, { aside, path }: Pick<ArchivedFile, 'aside' | 'path'>): void {
  const to = join(archiveDir, path);
  mkdirSync(dirname(to), { recursive: true });
  try {
    renameSync(join(archiveDir, aside), to);
  } catch (error) {
    const movedBySomeoneElse = (error as NodeJS.ErrnoException).code === 'ENOENT' && existsSync(to);
    if (!movedBySomeoneElse) throw error;
  }
}

/**
 * Finishes what killed writers left: files that a manifest names are put in place, files of a range that another writer
 * archived are removed. Files of a range without a manifest are kept, since their writer may be alive; they are found
 * again once the range is archived.
 */
export function repair(archiveDir: string, log: Log): void {
  const aside = join(archiveDir, 'aside');
  if (!existsSync(aside)) return;
  for (const name of readdirSync(aside)) {
    const [, topic, partition, from] = /^(.+)-(\d+)-(\d{20})-[^-]+$/.exec(name) ?? [];
    if (topic === undefined) continue;
    const manifest = readManifest(archiveDir, topic, Number(partition), Number(from));
    if (manifest === null) continue;
    const folder = join('aside', name);
    if (manifest.files.some((file) => dirname(file.aside) === folder)) {
      log.info({ range: name }, 'putting files of a manifest in place');
      putInPlace(archiveDir, manifest);
    } else {
      log.info({ range: name }, 'removing files of a range that another writer archived');
      rmSync(join(archiveDir, folder), { recursive: true, force: true });
    }
  }
}
