import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkOut, commitOf } from './checkout.ts';

const root = mkdtempSync(join(tmpdir(), 'clickledger-checkout-'));
afterAll(() => rmSync(root, { recursive: true }));

const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.example', ...args], { cwd: root, encoding: 'utf8' });
const commit = (files: Record<string, string>): string => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  git('add', '.');
  git('commit', '-qm', 'a commit');
  return git('rev-parse', 'HEAD').trim();
};

git('init', '-q');
mkdirSync(join(root, 'infra', 'setup'), { recursive: true });
const setup = 'infra/setup/setup.mjs';
const first = commit({
  'a.txt': 'old',
  'package-lock.json': '{"n":1}',
  [setup]:
    'import { writeFileSync } from "node:fs"; writeFileSync(new URL("../../installed", import.meta.url), process.env.HIVE_URL);',
});
const second = commit({ 'a.txt': 'older', 'package-lock.json': '{"n":2}' });
commit({ 'a.txt': 'new' });
mkdirSync(join(root, 'node_modules'));

test('lays out the sources of a commit, with the packages here if it needs the same; nothing is left behind', () => {
  const { commit, folder, remove } = checkOut('HEAD~1', () => {}, root);
  expect([commit, readFileSync(join(folder, 'a.txt'), 'utf8')]).toEqual([second.slice(0, 7), 'older']);
  expect(lstatSync(join(folder, 'node_modules')).isSymbolicLink()).toBe(true);
  expect(existsSync(join(folder, 'installed'))).toBe(false);
  remove();
  expect([existsSync(folder), existsSync(join(root, 'node_modules'))]).toEqual([false, true]);
});

test('with other packages its own set-up installs them, but no engine', () => {
  const said: string[] = [];
  const { folder, remove } = checkOut(first, (line) => said.push(line), root);
  expect(readFileSync(join(folder, 'installed'), 'utf8')).toBe('-');
  expect(existsSync(join(folder, 'node_modules'))).toBe(false);
  expect(said).toHaveLength(1);
  remove();
});

test.each(['nothing', '--all', ''])('there is no commit %j', (ref) => {
  expect(() => commitOf(ref, root)).toThrow(`there is no commit "${ref}" in this clone`);
});

test('without a clone there is no other commit', () => {
  expect(() => commitOf('HEAD', join(root, 'infra'))).toThrow('is no git clone');
});
