import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { fileRegister } from './file_register.ts';
import { numbered, takeEpoch } from './register.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'register-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('of any creates of a key one makes it, and everybody reads what that one wrote', async () => {
  const key = fc.constantFrom('ledger/2026-01-01/1', 'ledger/2026-01-01/2', 'stores/clickhouse');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ key, value: fc.integer() }), { maxLength: 30 }), async (creates) => {
      const root = mkdtempSync(join(folder, 'run-'));
      const results = await Promise.all(
        creates.map(async ({ key, value }) => ({ key, value, result: await fileRegister(root).create(key, value) })),
      );
      const register = fileRegister(root);
      for (const name of new Set(creates.map((create) => create.key))) {
        const made = results.filter(({ key, result }) => key === name && result === 'made');
        expect(made).toHaveLength(1);
        expect(await register.read(z.int(), name)).toBe(made[0]?.value);
      }
      expect(await register.list('ledger/')).toEqual(
        [...new Set(creates.map(({ key }) => key))].filter((key) => key.startsWith('ledger/')).sort(),
      );
    }),
    { numRuns: 50 },
  );
});

test('a key that nobody made, and a prefix without keys', async () => {
  const register = fileRegister(folder);
  expect(await register.read(z.int(), 'stores/kafka')).toBeNull();
  expect(await register.list('stores/')).toEqual([]);
});

test('keys are listed in the order of their numbers, without files that are still being written', async () => {
  const register = fileRegister(folder);
  for (const n of [10, 9, 1]) await register.create(`epochs/publisher/${numbered(n)}`, n);
  writeFileSync(join(folder, 'epochs', 'publisher', `${numbered(11)}.json.0a1b`), '{');
  expect(await register.list('epochs/')).toEqual([1, 9, 10].map((n) => `epochs/publisher/${numbered(n)}`));
});

test.each(['', '/a', 'a/', 'a//b', '../a', 'a/../b', 'A', 'a b', '.a'])('"%s" is no key', async (key) => {
  await expect(fileRegister(folder).create(key, 1)).rejects.toThrow('is no key of the register');
});

test('a value of another form is an error that names the key', async () => {
  const register = fileRegister(folder);
  await register.create('stores/kafka', { id: 1 });
  await expect(register.read(z.object({ id: z.string() }), 'stores/kafka')).rejects.toThrow(/stores\/kafka.*id/);
});

test('no two starts get one epoch, and a later start a higher one', async () => {
  const starts = await Promise.all(Array.from({ length: 8 }, () => takeEpoch(fileRegister(folder), 'publisher')));
  expect([...starts].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(await takeEpoch(fileRegister(folder), 'publisher')).toBe(9);
  expect(await takeEpoch(fileRegister(folder), 'other')).toBe(1);
});
