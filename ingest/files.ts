import { type BigIntStats, closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { type ReadSha, shaOf } from './fingerprint.ts';
import type { FileId } from './generation.ts';

export interface FileState {
  id: FileId;
  size: number;
  isDeleted: boolean;
  changedMs: number;
}

/** Null if there is no regular file (any more). */
export function statFile(path: string): FileState | null {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat?.isFile() ? stateOf(stat) : null;
}

export const statOpenFile = (fd: number): FileState => stateOf(fstatSync(fd, { bigint: true }));

function stateOf(stat: BigIntStats): FileState {
  return {
    id: { inode: `${stat.dev}:${stat.ino}`, born: stat.birthtimeNs > 0n ? String(stat.birthtimeNs) : '' },
    size: Number(stat.size),
    isDeleted: stat.nlink === 0n,
    changedMs: Number(stat.mtimeNs) / 1e6,
  };
}

/** Reads from `position` until `target` is full or the file ends; returns the number of bytes. */
export function readFully(fd: number, target: Buffer, position: number): number {
  let length = 0;
  while (length < target.length) {
    const read = readSync(fd, target, length, target.length - length, position + length);
    if (read === 0) break;
    length += read;
  }
  return length;
}

export function readShaOf(fd: number, from: number, to: number): string | null {
  const bytes = Buffer.allocUnsafe(to - from);
  return readFully(fd, bytes, from) === bytes.length ? shaOf(bytes) : null;
}

/** Opens the file on each call: used only for new files. */
export function shaReader(path: string): ReadSha {
  return (from, to) => {
    const fd = openSync(path, 'r');
    try {
      return readShaOf(fd, from, to);
    } finally {
      closeSync(fd);
    }
  };
}
