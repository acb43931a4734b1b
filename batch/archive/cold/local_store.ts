import { copyFile, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path/posix';
import type { Store } from './store.ts';

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
