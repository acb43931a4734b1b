import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { parsedJson } from '../domain/parse.ts';

/** Replaces a file whole or not at all; on return it is on disk. */
export function writeJsonAtomically(path: string, value: unknown): void {
  const aside = `${path}.${process.pid}.tmp`;
  writeDurably(aside, `${JSON.stringify(value, null, 1)}\n`);
  renameSync(aside, path);
  syncFolder(dirname(path));
}

/** What the file holds, as the schema has it; otherwise throws an error that names the file and the field. */
export const readJson = <Schema extends z.ZodType>(schema: Schema, path: string): z.output<Schema> =>
  parsedJson(schema, readFileSync(path, 'utf8'), path);

/** Null if there is no such file. */
export function readJsonIfThere<Schema extends z.ZodType>(schema: Schema, path: string): z.output<Schema> | null {
  try {
    return readJson(schema, path);
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
