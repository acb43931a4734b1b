import { type BigIntStats, closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type ReadSha, shaOf } from './fingerprint.ts';
import type { FileId } from './generation.ts';

export interface FileState {
  id: FileId;
  size: number;
  isDeleted: boolean;
  changedMs: number;
  /** The number of the user whose file it is. */
  owner: number;
  /**
   * Changed last before it was born: only what copies or unpacks files with their times does that (`cp -a`, rsync, tar,
   * gzip, `mv` to another disk), never a program that writes its log.
   */
  wasCopied: boolean;
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
    owner: Number(stat.uid),
    wasCopied: stat.birthtimeNs > 0n && stat.mtimeNs < stat.birthtimeNs,
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

/** Opens the file for one piece of work. */
function withFile<T>(path: string, work: (fd: number) => T): T {
  const fd = openSync(path, 'r');
  try {
    return work(fd);
  } finally {
    closeSync(fd);
  }
}

/** Opens the file on each call: used only for new files. */
export const shaReader =
  (path: string): ReadSha =>
  (from, to) =>
    withFile(path, (fd) => readShaOf(fd, from, to));

/** As many bytes from this position as there are, at most `length`. */
export const bytesAt = (path: string, position: number, length: number): Buffer =>
  withFile(path, (fd) => {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readFully(fd, bytes, position));
  });

/** How many of the first bytes come before a NUL: a program that keeps room in advance writes over NULs later. */
export function textBytes(path: string, limit: number): number {
  const bytes = bytesAt(path, 0, limit);
  const end = bytes.indexOf(0);
  return end < 0 ? bytes.length : end;
}

/** Size of the file whose name, taken for UTF-8, looks like this; null if it cannot be told. */
export function sizeByBytes(path: string): number | null {
  const folder = Buffer.from(`${dirname(path)}/`);
  try {
    const name = readdirSync(dirname(path), { encoding: 'buffer' }).find((bytes) => String(bytes) === basename(path));
    return name ? statSync(Buffer.concat([folder, name])).size : null;
  } catch (error) {
    // The folder's own name is not UTF-8 either, or the file has gone.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null;
  }
}
