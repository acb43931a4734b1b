import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { discover, listFiles, logPattern } from './discover.ts';
import { Links } from './links.ts';
import { FileProblems } from './report.ts';

let folder: string;
const at = (name: string): string => join(folder, name);
const touch = (...names: string[]): void => {
  for (const name of names) writeFileSync(at(name), 'x');
};

beforeEach(() => {
  const parent = mkdtempSync(join(tmpdir(), 'discover-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  // Characters with a special meaning in globs. What lies beside such a folder is searched too, so it is alone in one.
  folder = join(parent, '[a](b){c,d} !');
  mkdirSync(folder);
});

const found = (glob: string, knownLogs: string[] = []) =>
  discover(logPattern(at(glob), folder), new Set(knownLogs.map(at))).files.map(({ path, log }) => [
    path.slice(folder.length + 1),
    log.slice(folder.length + 1),
  ]);

test('logs come before their rotated siblings; compressed files and others are left out', () => {
  touch(
    'a.log',
    'a.log.1',
    'a.log.2.gz',
    'a.log.2026-01-01',
    'a.log.3.zst',
    'b.log',
    'b.txt',
    'c.log.1',
    'alog.1',
    '.a.log.swp',
  );
  mkdirSync(at('d.log'));
  expect(found('*.log')).toEqual([
    ['a.log', 'a.log'],
    ['b.log', 'b.log'],
    ['a.log.1', 'a.log'],
    ['a.log.2026-01-01', 'a.log'],
  ]);
});

test('a sibling of a known log is found also while the log itself is absent', () => {
  touch('c.log.1', 'd.log.1');
  expect(found('*.log', ['c.log'])).toEqual([['c.log.1', 'c.log']]);
});

test('if the glob also matches rotated files, they are still assigned to their log', () => {
  touch('a.log', 'a.log.1', 'a.log.1.bak', 'x');
  expect(found('*')).toEqual([
    ['a.log', 'a.log'],
    ['x', 'x'],
    ['a.log.1', 'a.log'],
    ['a.log.1.bak', 'a.log'],
  ]);
});

test('subfolders are searched as the glob says, and may be absent', () => {
  expect(found('logs/**/*.log')).toEqual([]);
  mkdirSync(at('logs/.one/two'), { recursive: true });
  mkdirSync(at('logs/one/two'), { recursive: true });
  touch('logs/one/two/a.log', 'logs/one/b.log');
  expect(found('logs/**/*.log').map(([path]) => path)).toEqual(['logs/one/b.log', 'logs/one/two/a.log']);
});

test('a file with two names is listed once', () => {
  touch('a.log');
  linkSync(at('a.log'), at('a.log.1'));
  symlinkSync(at('a.log'), at('b.log'));
  symlinkSync(at('nowhere'), at('c.log'));
  const problems = new FileProblems(pino({ level: 'silent' }));
  const { listed } = listFiles(logPattern(at('*.log'), folder), new Set(), new Links(), problems);
  expect(listed.map(({ path }) => path)).toEqual([at('a.log')]);
});
