import { copyFile, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Hive } from '../../../infra/clients/hive.ts';
import { hadoopStore } from './hadoop_store.ts';
import { isLocal, type Location } from './location.ts';

/** A place that holds files of the archive. Paths are relative to it: `dt=2021-01-31/<name>`. */
export interface Store {
  /** Names and bytes of the files in a folder; none if there is no such folder. */
  sizes(folder: string): Promise<Map<string, number>>;
  /** Where a file can be read as it is; null if it has to be copied out first. */
  readable(path: string): string | null;
  /** How people call the file. */
  named(path: string): string;
  copyIn(from: string, path: string): Promise<void>;
  copyOut(path: string, to: string): Promise<void>;
  /** On return both the file and its name are durable. */
  rename(from: string, to: string): Promise<void>;
  /** With everything below it; may be gone already. */
  remove(path: string): Promise<void>;
}

/** What is not on this machine is reached through Hive, which knows how by its own configuration. */
export const openStore = (location: Location, hive: Pick<Hive, 'rows'>): Store =>
  isLocal(location) ? localStore(location) : hadoopStore(location, hive);

export function localStore(root: string): Store {
  const at = (path: string): string => join(root, path);
  return {
    async sizes(folder) {
      const names = await readdir(at(folder)).catch(ifMissing<string[]>([]));
      const sizes = new Map<string, number>();
      for (const name of names) sizes.set(name, (await stat(join(at(folder), name))).size);
      return sizes;
    },
    readable: at,
    named: at,
    async copyIn(from, path) {
      await mkdir(dirname(at(path)), { recursive: true });
      await copyFile(from, at(path));
    },
    copyOut: (path, to) => copyFile(at(path), to),
    async rename(from, to) {
      await mkdir(dirname(at(to)), { recursive: true });
      await sync(at(from));
      await rename(at(from), at(to));
      await sync(dirname(at(to)));
      await sync(dirname(dirname(at(to))));
    },
    remove: (path) => rm(at(path), { recursive: true, force: true }),
  };
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}

const ifMissing =
  <T>(instead: T) =>
  (error: NodeJS.ErrnoException): T => {
    if (error.code === 'ENOENT') return instead;
    throw error;
  };
