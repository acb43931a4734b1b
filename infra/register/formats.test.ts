import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileRegister } from './file_register.ts';
import { highestFormat, recordFormat, requireKnownFormat } from './formats.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'formats-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a release starts on what it reads, and refuses what was written in a later format', async () => {
  const register = fileRegister(folder);
  expect(await highestFormat(register)).toBe(1);
  await requireKnownFormat(register, 1);
  await Promise.all([recordFormat(register, 2), recordFormat(register, 2)]);
  expect(await highestFormat(register)).toBe(2);
  await requireKnownFormat(register, 2);
  await expect(requireKnownFormat(register, 1)).rejects.toThrow(
    'data were written in format 2, and this release reads formats up to 1: start a newer release',
  );
  await recordFormat(register, 10);
  expect(await highestFormat(register)).toBe(10);
  await expect(requireKnownFormat(register)).rejects.toThrow('format 10');
});
