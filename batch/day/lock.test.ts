import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DAY_MS } from '../../domain/time.ts';
import { writeJsonAtomically } from '../../infra/files.ts';
import { here } from '../../infra/here.ts';
import { fileRegister } from '../../infra/register/file_register.ts';
import { DayBusyError, type LockSite, lockDay } from './lock.ts';

const DAY = '2021-01-01';
let folder: string;
let site: LockSite;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clickledger-lock-'));
  site = { archiveDir: folder, register: fileRegister(join(folder, 'register')) };
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

const path = (number: number): string => join(folder, 'locks', DAY, `${number}.json`);
/** As a release before the register left it. */
function leaveLock(lock: { host: string; pid: number }): void {
  mkdirSync(join(folder, 'locks', DAY), { recursive: true });
  writeJsonAtomically(path(1), { token: 'theirs', released: false, ...lock });
}
const ELSEWHERE = { host: 'elsewhere', pid: 1 };
const NO_PROCESS = 2 ** 22 + 1;
const silentFor = (number: number, ms: number): void => {
  const at = new Date(Date.now() - ms);
  utimesSync(path(number), at, at);
};

it('is held by one process at a time, for each day separately', async () => {
  const lock = await lockDay(site, DAY);
  await expect(lockDay(site, DAY)).rejects.toThrow(DayBusyError);
  (await lockDay(site, '2021-01-02')).release();
  lock.assertHeld();
  lock.release();
  (await lockDay(site, DAY)).release();
  expect(readdirSync(join(folder, 'locks', DAY))).toEqual(['2.json']);
});

it('is taken by one of several that find it free', async () => {
  const tries = await Promise.allSettled(Array.from({ length: 5 }, () => lockDay(site, DAY)));
  const [lock, ...others] = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  expect(others).toEqual([]);
  lock?.release();
});

it('is respected while its holder on another machine refreshes it', async () => {
  leaveLock(ELSEWHERE);
  await expect(lockDay(site, DAY)).rejects.toThrow('worked on by process 1 on elsewhere');
});

it.each([
  ['ahead', DAY_MS],
  ['behind', -DAY_MS],
])('is not taken over by a machine whose clock is a day %s, and is if the holder was silent', async (_, skewMs) => {
  leaveLock(ELSEWHERE);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + skewMs });
  await expect(lockDay(site, DAY)).rejects.toThrow(DayBusyError);
  vi.useRealTimers();
  silentFor(1, 61_000);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + skewMs });
  (await lockDay(site, DAY)).release();
});

it.each([
  ['a process that has ended', { host: here(), pid: NO_PROCESS }],
  ['an earlier process with the same id', { host: here(), pid: process.pid }],
])('is taken over from %s', async (_, holder) => {
  leaveLock(holder);
  (await lockDay(site, DAY)).release();
});

it.each([
  ['', 'not JSON: '],
  ['{"token":"th', 'not JSON: {"token":"th'],
  ['{"token":"theirs","host":"elsewhere","pid":1}', 'released: '],
  ['{"token":"theirs","host":"elsewhere","pid":"1","released":true}', 'pid: '],
])('is refused to all while its file is damaged: %j', async (text, expected) => {
  leaveLock(ELSEWHERE);
  writeFileSync(path(1), text);
  await expect(lockDay(site, DAY)).rejects.toThrow(`${path(1)}: ${expected}`);
});

it('is not taken over from a container that has the name of this host, and process ids of its own', async () => {
  leaveLock({ host: `${here()}.4026530000`, pid: NO_PROCESS });
  await expect(lockDay(site, DAY)).rejects.toThrow(DayBusyError);
  silentFor(1, 61_000);
  (await lockDay(site, DAY)).release();
});

it('is taken over from a holder that was silent for a minute, which then detects that', async () => {
  const stalled = await lockDay(site, DAY);
  writeJsonAtomically(path(1), { token: 'stalled', released: false, ...ELSEWHERE });
  silentFor(1, 61_000);
  const lock = await lockDay(site, DAY);
  expect(() => stalled.assertHeld()).toThrow(/taken over/);
  stalled.release();
  lock.assertHeld();
  await expect(lockDay(site, DAY)).rejects.toThrow(DayBusyError);
  lock.release();
});

it('whose holder was killed before it wrote its file is free a minute after somebody has looked', async () => {
  await site.register.create(`locks/${DAY}/000000000001`, { token: 'theirs', ...ELSEWHERE });
  await expect(lockDay(site, DAY)).rejects.toThrow('worked on by process 1 on elsewhere');
  expect(existsSync(path(1))).toBe(true);
  silentFor(1, 61_000);
  (await lockDay(site, DAY)).release();
});
