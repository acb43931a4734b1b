import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hashOf, writeUsers } from './users.ts';

test('a hash equals what Elasticsearch computes from the password, its salt and its number of rounds', () => {
  expect(hashOf('secret', Buffer.alloc(32, 7))).toBe(
    '{PBKDF2}10000$BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=$D0boVjAWkdPX3sumeSBaVOvaZ2uEfOmzbYI7B+UA+Vo=',
  );
  expect(hashOf('secret')).not.toBe(hashOf('secret'));
});

test('the files name each user once, and contain no password', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clickledger-users-'));
  writeUsers(folder, [
    { name: 'clickledger', password: 'one', role: 'platform' },
    { name: 'analyst', password: 'two', role: 'analyst' },
  ]);
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  expect(read('users')).toMatch(
    /^clickledger:\{PBKDF2\}10000\$\S{44}\$\S{44}\nanalyst:\{PBKDF2\}10000\$\S{44}\$\S{44}\n$/,
  );
  expect(read('users_roles')).toBe('platform:clickledger\nanalyst:analyst\n');
  expect(statSync(join(folder, 'users')).mode & 0o777).toBe(0o600);
  rmSync(folder, { recursive: true });
});
