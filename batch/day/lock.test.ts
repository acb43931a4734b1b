import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeJsonAtomically } from '../../infra/files.ts';
import { DayBusyError, lockDay } from './lock.ts';

const DAY = '2021-01-01';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clickledger-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = (number: number): string => join(folder, 'locks', DAY, `${number}.json`);
function leaveLock(lock: { host: string; pid: number }): void {
  mkdirSync(join(folder, 'locks', DAY), { recursive: true });
  writeJsonAtomically(path(1), { token: 'theirs', released: false, ...lock });
}
const ELSEWHERE = { host: 'elsewhere', pid: 1 };
const NO_PROCESS = 2 ** 22 + 1;

it('is held by one process at a time, for each day separately', () => {
  const lock = lockDay(folder, DAY);
  expect(() => lockDay(folder, DAY)).toThrow(DayBusyError);
  lockDay(folder, '2021-01-02').release();
  lock.assertHeld();
  lock.release();
  lockDay(folder, DAY).release();
  expect(readdirSync(join(folder, 'locks', DAY))).toEqual(['2.json']);
});

it('is respected while its holder on another machine refreshes it', () => {
  leaveLock(ELSEWHERE);
  expect(() => lockDay(folder, DAY)).toThrow('worked on by process 1 on elsewhere');
});

it.each([
  ['a process that has ended', { host: hostname(), pid: NO_PROCESS }],
  ['an earlier process with the same id', { host: hostname(), pid: process.pid }],
])('is taken over from %s', (_, holder) => {
  leaveLock(holder);
  lockDay(folder, DAY).release();
});

it.each([
  ['', 'not JSON: '],
  ['{"token":"th', 'not JSON: {"token":"th'],
  ['{"token":"theirs","host":"elsewhere","pid":1}', 'released: '],
  ['{"token":"theirs","host":"elsewhere","pid":"1","released":true}', 'pid: '],
])('is refused to all while its file is damaged: %j', (text, expected) => {
  leaveLock(ELSEWHERE);
  writeFileSync(path(1), text);
  expect(() => lockDay(folder, DAY)).toThrow(`${path(1)}: ${expected}`);
});

it('is taken over from a holder that was silent for a minute, which then detects that', () => {
  const stalled = lockDay(folder, DAY);
  writeJsonAtomically(path(1), { token: 'stalled', released: false, ...ELSEWHERE });
  const longAgo = new Date(Date.now() - 61_000);
  utimesSync(path(1), longAgo, longAgo);
  const lock = lockDay(folder, DAY);
  expect(() => stalled.assertHeld()).toThrow(/taken over/);
  stalled.release();
  lock.assertHeld();
  expect(() => lockDay(folder, DAY)).toThrow(DayBusyError);
  lock.release();
});
