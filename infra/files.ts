import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { parsedJson } from '../domain/parse.ts';
import { here } from './here.ts';

interface Replacing {
  /** Where it is written before it takes the name. */
  aside?: string;
  /** On return it is on disk. */
  durable?: boolean;
}

/** Replaces a file whole or not at all. */
export function replaceFile(
  path: string,
  content: string | Uint8Array,
  { aside = asideOf(path), durable = true }: Replacing = {},
): void {
  if (durable) writeDurably(aside, content);
  else writeFileSync(aside, content);
  renameSync(aside, path);
  if (durable) syncFolder(dirname(path));
}

/** Replaces a file whole or not at all; on return it is on disk, and open to be appended to. */
export async function replaceOpen(path: string, text: string): Promise<FileHandle> {
  const aside = asideOf(path);
  const file = await open(aside, 'w', 0o644);
  await appendDurably(file, text);
  await rename(aside, path);
  syncFolder(dirname(path));
  return file;
}

export async function appendDurably(file: FileHandle, text: string): Promise<void> {
  await file.appendFile(text);
  await file.datasync();
}

/** Containers that share a folder may have processes of the same id. */
const asideOf = (path: string): string => `${path}.${here()}-${process.pid}.tmp`;
export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;

/** Replaces a file atomically; on return it is on disk. */
export const writeJsonAtomically = (path: string, value: unknown): void => replaceFile(path, jsonText(value));

/**
 * Creates a file that must not exist yet: of several concurrent callers one succeeds, the others get false. The name
 * appears only once the content is on disk, so a kill cannot leave a partial file that would block the name for good.
 */
export function createExclusively(path: string, value: unknown): boolean {
  mkdirSync(dirname(path), { recursive: true });
  const aside = `${path}.${randomUUID()}`;
  writeDurably(aside, jsonText(value));
  try {
    linkSync(aside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(aside);
    syncFolder(dirname(path));
  }
}

/** What the file holds, as the schema has it; otherwise throws an error that names the file and the field. */
export const readJson = <Schema extends z.ZodType>(schema: Schema, path: string): z.output<Schema> =>
  parsedJson(schema, readFileSync(path, 'utf8'), path);

/** Appends to a file; on return it is on disk. */
export const appendText = (path: string, text: string): void => writeDurably(path, text, 'a');

/** Null if there is no such file. */
export function readJsonIfThere<Schema extends z.ZodType>(schema: Schema, path: string): z.output<Schema> | null {
  const text = readIfThere(path);
  return text === null ? null : parsedJson(schema, text, path);
}

/** The text of a file; null if there is no such file. */
export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function writeDurably(path: string, content: string | Uint8Array, flag: 'w' | 'a' = 'w'): void {
  const fd = openSync(path, flag, 0o644);
  try {
    writeFileSync(fd, content);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** What was renamed or removed in the folder is on disk. */
export function syncFolder(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
