import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileRegister } from '../../infra/register/file_register.ts';
import { numbered } from '../../infra/register/register.ts';
import { DayBusyError } from '../day/lock.ts';
import {
  allocateRun,
  bringRunFiles,
  type Counted,
  followedSeq,
  readCounted,
  readRun,
  runNumbers,
  writeCounted,
} from './run_files.ts';

const DAY = '2021-01-01';
const BEGUN = { day: DAY, cut: { 'clicks-0': 5 }, reason: 'test', requested_by: 'me', started_at: 1 };
const COUNTED: Counted = {
  documents: 1,
  clicks: 2,
  archived: 3,
  late_included: 0,
  conflicts: 0,
  annotation_conflicts: 0,
  inputs: { files: 1, rows: 3, bytes: 100, sha256: 'abc' },
  filters: [{ filterId: 7, revision: 1, documents: 1, clicks: 1 }],
};

let archiveDir: string;
beforeEach(() => {
  archiveDir = mkdtempSync(join(tmpdir(), 'run-files-'));
});
afterEach(() => rmSync(archiveDir, { recursive: true }));
const site = () => ({ archiveDir, register: fileRegister(join(archiveDir, 'register')) });

function put(name: string, content: unknown): void {
  const folder = join(archiveDir, 'runs-ledger', DAY);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
}

test('a run is read as it was begun, and its count as it was made', async () => {
  const run = await allocateRun(site(), BEGUN, 3);
  expect(readRun(archiveDir, DAY, 4)).toEqual({ ...BEGUN, run: 4 });
  expect(readCounted(archiveDir, run)).toBeNull();
  writeCounted(archiveDir, run, COUNTED);
  expect(readCounted(archiveDir, run)).toEqual(COUNTED);
});

test.each<[string, number[], number[], number, number]>([
  ['nothing yet', [], [], 0, 1],
  ['the register', [1, 4], [1], 2, 5],
  ['files of an archive from before the register', [], [1, 2, 10], 3, 11],
  ['the ledger', [1], [1], 7, 8],
])('a number is higher than every one of %s', async (_, inRegister, inFiles, inLedger, expected) => {
  for (const run of inRegister) await site().register.create(`runs/${DAY}/${numbered(run)}`, { ...BEGUN, run });
  for (const run of inFiles) put(`${run}.json`, { ...BEGUN, run });
  expect((await allocateRun(site(), BEGUN, inLedger)).run).toBe(expected);
});

test('of several that begin a run at once, each has a number of its own or none', async () => {
  const begun = await Promise.allSettled(Array.from({ length: 5 }, () => allocateRun(site(), BEGUN, 0)));
  expect(begun.filter(({ status }) => status === 'fulfilled')).toMatchObject([{ value: { run: 1 } }]);
  for (const one of begun) if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(DayBusyError);
});

test('a run that has a number and no file yet gets its file', async () => {
  put('1.json', { ...BEGUN, run: 1 });
  await site().register.create(`runs/${DAY}/${numbered(2)}`, { ...BEGUN, run: 2 });
  await bringRunFiles(site(), DAY);
  expect(runNumbers(archiveDir, DAY)).toEqual([1, 2]);
  expect(readRun(archiveDir, DAY, 2)).toEqual({ ...BEGUN, run: 2 });
});

test('a count from before there were annotations has no conflicts of them', () => {
  const { annotation_conflicts: _, ...before } = COUNTED;
  put('1-counted.json', before);
  expect(readCounted(archiveDir, { ...BEGUN, run: 1 })).toEqual({ ...before, annotation_conflicts: 0 });
});

test('a count from before there were filters stands, one from before there were conflicts is made again', () => {
  const run = { ...BEGUN, run: 1 };
  const { filters: _, ...withoutFilters } = COUNTED;
  put('1-counted.json', withoutFilters);
  expect(readCounted(archiveDir, run)).toEqual(withoutFilters);
  const { conflicts: __, ...withoutConflicts } = COUNTED;
  put('1-counted.json', withoutConflicts);
  expect(readCounted(archiveDir, run)).toBeNull();
});

test.each<[string, unknown, string]>([
  ['no cut', { ...BEGUN, run: 1, cut: undefined }, '1.json: cut: '],
  ['an offset below zero', { ...BEGUN, run: 1, cut: { 'clicks-0': -1 } }, '1.json: cut.clicks-0: '],
  ['a preview that is not', { ...BEGUN, run: 1, preview: false }, '1.json: preview: '],
  ['half of its text', '{"day":"2021-0', '1.json: not JSON: '],
])('a run file with %s is refused', (_, content, expected) => {
  put('1.json', content);
  expect(() => readRun(archiveDir, DAY, 1)).toThrow(expected);
});

test('a count with a figure that is none, and a place in the ledger that is none, are refused', () => {
  put('1-counted.json', { ...COUNTED, clicks: null });
  expect(() => readCounted(archiveDir, { ...BEGUN, run: 1 })).toThrow('1-counted.json: clicks: ');
  put('followed.json', { seq: '3' });
  expect(() => followedSeq(archiveDir, DAY)).toThrow('followed.json: seq: ');
});
