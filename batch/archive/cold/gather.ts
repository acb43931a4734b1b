import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../../../infra/log.ts';
import { BadFileError, checkFile, type Expected } from '../files/check_file.ts';
import { archivedFile } from '../files/manifest.ts';
import type { Store } from './store.ts';

export const folderOf = (day: string): string => `dt=${day}`;

/** A file's copy at another place. */
interface Old {
  store: Store;
  path: string;
}

interface Gathering {
  archiveDir: string;
  day: string;
  from: Store[];
  to: Store;
  log: Log;
  /** Names of files at `to` that were verified; newly verified ones are added. */
  whole: Set<string>;
}

/**
 * Copies the files of a day to a place; each is checked there against its manifest before it gets its final name. May
 * be interrupted and repeated. Requires the lock of the day.
 * @returns the copies that are no longer needed
 */
export async function gather({ archiveDir, day, from, to, log, whole }: Gathering): Promise<Old[]> {
  const folder = folderOf(day);
  const aside = `.aside/${folder}`;
  const scratch = join(archiveDir, 'fetched', day);
  const old: Old[] = [];
  const clear = async (): Promise<void> => {
    await to.remove(aside);
    rmSync(scratch, { recursive: true, force: true });
  };
  await clear();
  mkdirSync(scratch, { recursive: true });
  try {
    const there = await to.sizes(folder);
    for (const store of from) {
      for (const name of (await store.sizes(folder)).keys()) {
        const path = `${folder}/${name}`;
        const file = archivedFile(archiveDir, day, name);
        if (file === null)
          throw new Error(`${store.named(path)} is named by no manifest: find out where it comes from`);
        if (!whole.has(name)) {
          const copy = join(scratch, name);
          if (there.has(name)) await check(to, path, copy, file, path);
          else await bring({ store, path }, to, `${aside}/${name}`, copy, file);
          whole.add(name);
          log.info({ day, bytes: file.bytes }, `${to.named(path)} is whole`);
        }
        old.push({ store, path });
      }
    }
    return old;
  } finally {
    await clear();
  }
}

async function bring({ store, path }: Old, to: Store, aside: string, copy: string, file: Expected): Promise<void> {
  const source = store.readable(path) ?? copy;
  if (source === copy) await store.copyOut(path, copy);
  await checkFile(source, file, store.named(path));
  try {
    await to.copyIn(source, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    throw new Error(`no room for ${to.named(path)} (${file.bytes} bytes): make room there and repeat`, {
      cause: error,
    });
  }
  await check(to, aside, `${copy}.back`, file, path);
  await to.rename(aside, path);
}

/** @param copy a local copy to read, if the file cannot be read in its place */
async function check(store: Store, path: string, copy: string, file: Expected, shown: string): Promise<void> {
  const readable = store.readable(path);
  if (readable === null) await store.copyOut(path, copy);
  try {
    await checkFile(readable ?? copy, file, store.named(shown));
  } catch (error) {
    if (!(error instanceof BadFileError)) throw error;
    throw new BadFileError(error.reason, `${error.message}; nothing was removed`);
  } finally {
    if (readable === null) rmSync(copy, { force: true });
  }
}
