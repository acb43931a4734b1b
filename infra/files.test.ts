import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import {
  appendDurably,
  createExclusively,
  readJson,
  readJsonIfThere,
  replaceFile,
  replaceOpen,
  writeJsonAtomically,
} from './files.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'));
  path = join(folder, 'a.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const schema = z.object({ seq: z.int() });

test('a file is replaced as a whole, and nothing is left beside it', async () => {
  replaceFile(path, 'a long text');
  replaceFile(path, 'b', { durable: false });
  replaceFile(path, 'c', { aside: join(folder, '_aside') });
  expect(readFileSync(path, 'utf8')).toBe('c');
  const file = await replaceOpen(path, 'd');
  await appendDurably(file, 'e');
  await file.close();
  expect(readFileSync(path, 'utf8')).toBe('de');
  expect(readdirSync(folder)).toEqual(['a.json']);
});

test('a file that there is already is not created', () => {
  const inner = join(folder, 'inner', 'b.json');
  expect([createExclusively(inner, { seq: 1 }), createExclusively(inner, { seq: 2 })]).toEqual([true, false]);
  expect(readJson(schema, inner)).toEqual({ seq: 1 });
  expect(readdirSync(join(folder, 'inner'))).toEqual(['b.json']);
});

test('what is read is what the schema says, and no file is null', () => {
  expect(readJsonIfThere(schema, path)).toBeNull();
  writeJsonAtomically(path, { seq: 3 });
  expect(readJsonIfThere(schema, path)).toEqual({ seq: 3 });
  writeJsonAtomically(path, { seq: '3' });
  expect(() => readJsonIfThere(schema, path)).toThrow(`${path}: seq: `);
});
