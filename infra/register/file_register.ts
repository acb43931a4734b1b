import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parsed } from '../../domain/parse.ts';
import { createExclusively, readJsonIfThere } from '../files.ts';
import { checkKey, type Register } from './register.ts';

/** `token` tells who wrote it: a create that was reported as refused may have been one's own success. */
const entry = z.object({ token: z.string(), value: z.unknown() });

/** A register in a folder of a POSIX file system; link(2) decides. */
export function fileRegister(folder: string): Register {
  const pathOf = (key: string): string => {
    checkKey(key);
    return join(folder, `${key}.json`);
  };
  return {
    async create(key, value) {
      const path = pathOf(key);
      const token = randomUUID();
      if (createExclusively(path, { token, value })) return 'made';
      return readJsonIfThere(entry, path)?.token === token ? 'made' : 'taken';
    },
    async read(schema, key) {
      const path = pathOf(key);
      const found = readJsonIfThere(entry, path);
      return found === null ? null : parsed(schema, found.value, `${path}, value`);
    },
    async list(prefix) {
      return keysIn(folder, prefix.replace(/\/$/, '')).sort();
    },
  };
}

function keysIn(folder: string, key: string): string[] {
  checkKey(key);
  return entriesOf(join(folder, key)).flatMap((found) => {
    const name = `${key}/${found.name}`;
    if (found.isDirectory()) return keysIn(folder, name);
    // Files that are still being written have other names.
    return name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : [];
  });
}

function entriesOf(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
