import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Hive } from '../../../infra/clients/hive.ts';
import type { ArchivedFile } from '../files/manifest.ts';
import { readDayLocation } from './day_location.ts';
import { folderOf } from './gather.ts';
import { isLocal } from './location.ts';
import { openStore } from './open_store.ts';

type Placed = Pick<ArchivedFile, 'day' | 'path'>;

/** `at`: where it can be read now. `named`: its name in messages. */
export interface Readable {
  at: string;
  named: string;
}

/** Path of an archived file on this machine; null if it was moved away. */
export function localPath(archiveDir: string, { day, path }: Placed): string | null {
  const own = join(archiveDir, path);
  if (existsSync(own)) return own;
  const home = readDayLocation(archiveDir, day);
  if (home === null) return own;
  return isLocal(home.location) ? join(home.location, folderOf(day), basename(path)) : null;
}

/**
 * Makes files readable on this machine: those kept elsewhere are fetched, and removed afterwards. A missing file is
 * passed on all the same, with a path that does not exist.
 * @param scratch a private folder below the archive; emptied
 */
export async function withReadable<F extends Placed, T>(
  { archiveDir, scratch }: { archiveDir: string; scratch: string },
  files: F[],
  withHive: <R>(work: (hive: Hive) => Promise<R>) => Promise<R>,
  use: (files: (F & Readable)[]) => Promise<T>,
): Promise<T> {
  const folder = join(archiveDir, 'fetched', scratch);
  const readable = files.map((file) => {
    const local = localPath(archiveDir, file);
    return { ...file, at: local ?? join(folder, basename(file.path)), named: local ?? named(archiveDir, file) };
  });
  rmSync(folder, { recursive: true, force: true });
  try {
    const away = readable.filter(({ at }) => at.startsWith(`${folder}/`));
    if (away.length > 0) {
      mkdirSync(folder, { recursive: true });
      await withHive(async (hive) => {
        for (const file of away) await fetch(archiveDir, file, hive);
      });
    }
    return await use(readable);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const named = (archiveDir: string, { day, path }: Placed): string =>
  `${readDayLocation(archiveDir, day)?.location}/${folderOf(day)}/${basename(path)}`;

async function fetch(archiveDir: string, { day, path, at }: Placed & Readable, hive: Hive): Promise<void> {
  const home = readDayLocation(archiveDir, day);
  if (home === null) return;
  const store = openStore(home.location, hive);
  const name = basename(path);
  if ((await store.sizes(folderOf(day))).has(name)) await store.copyOut(`${folderOf(day)}/${name}`, at);
}
