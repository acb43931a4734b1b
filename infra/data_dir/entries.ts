import { lstatSync, readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';

export interface DataDirEntry {
  name: string;
  path: string;
  stats: Stats;
}

/** The entries of a folder, without symbolic links, whose targets are elsewhere. Empty if there is no such folder. */
export function entriesOf(folder: string): DataDirEntry[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    // A running role may have removed the file meanwhile.
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats === undefined || stats.isSymbolicLink() ? [] : [{ name, path, stats }];
  });
}

export const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
