import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Replaces a file atomically; on return it is on disk. */
export function writeJsonAtomically(path: string, value: unknown): void {
  const aside = `${path}.${process.pid}.tmp`;
  writeDurably(aside, `${JSON.stringify(value, null, 1)}\n`);
  renameSync(aside, path);
  syncFolder(dirname(path));
}

/** Null if there is no such file. */
export function readJsonIfThere<T>(path: string): T | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** On return it is on disk. */
export function writeDurably(path: string, text: string): void {
  const fd = openSync(path, 'w', 0o644);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function syncFolder(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
