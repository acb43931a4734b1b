import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Replaces a file whole or not at all; on return it is on disk. */
export function writeJsonAtomically(path: string, value: unknown): void {
  const aside = `${path}.${process.pid}.tmp`;
  writeDurably(aside, `${JSON.stringify(value, null, 1)}\n`);
  renameSync(aside, path);
  syncFolder(dirname(path));
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
