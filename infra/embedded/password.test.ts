import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ensurePassword } from './password.ts';

const folder = mkdtempSync(join(tmpdir(), 'clickledger-password-'));
const path = join(folder, 'engines', 'kafka', 'password');
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a password is made once, for its owner only, and nothing else is left', () => {
  const made = ensurePassword(path);
  expect(made).toMatch(/^[\w-]{32}$/);
  expect(ensurePassword(path)).toBe(made);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folder, 'engines', 'kafka'))).toEqual(['password']);
});

test('an empty file, as a start that was killed may have left, is no password', () => {
  ensurePassword(path);
  writeFileSync(path, '');
  expect(ensurePassword(path)).toMatch(/^[\w-]{32}$/);
});
