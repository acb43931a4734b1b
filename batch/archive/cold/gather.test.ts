import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hashFile } from '../files/check_file.ts';
import { dayFolder } from '../files/layout.ts';
import { createManifest, paddedOffset } from '../files/manifest.ts';
import { gather } from './gather.ts';
import { localStore } from './local_store.ts';
import { checkTarget, daysToMove, refuseRecent } from './move.ts';
import { ownStore } from './settle.ts';
import type { Store } from './store.ts';

const DAY = '2003-01-05';
const log = pino({ level: 'silent' });
let folder: string;
let archiveDir: string;
let cold: string;
const mounted: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cold-'));
  archiveDir = join(folder, 'archive');
  cold = join(folder, 'cold');
  mkdirSync(archiveDir);
});
afterEach(() => {
  for (const at of mounted.splice(0)) execFileSync('umount', [at]);
  rmSync(folder, { recursive: true });
});

/** Puts a file into the archive as if it had been archived; its content does not matter here. */
async function archive(from: number, text: string): Promise<string> {
  const name = `clicks-0-${paddedOffset(from)}-${paddedOffset(from + 5)}.parquet`;
  const path = join(dayFolder(DAY), name);
  mkdirSync(join(archiveDir, dirname(path)), { recursive: true });
  writeFileSync(join(archiveDir, path), text);
  const hash = await hashFile(join(archiveDir, path));
  const file = { day: DAY, path, aside: `aside/x/${DAY}.parquet`, rows: 5, ...hash };
  createManifest(archiveDir, {
    topic: 'clicks',
    partition: 0,
    from,
    to: from + 5,
    rows: 5,
    rejected: 0,
    arrived_from: 0,
    arrived_to: 0,
    files: [{ ...file, min_topic_offset: from, max_topic_offset: from + 4 }],
  });
  return name;
}

const gatherTo = (to: Store, whole = new Set<string>()) =>
  gather({ archiveDir, day: DAY, from: [ownStore(archiveDir)], to, log, whole });
const inCold = () => (existsSync(join(cold, `dt=${DAY}`)) ? readdirSync(join(cold, `dt=${DAY}`)).sort() : []);
const inOwn = () => readdirSync(join(archiveDir, dayFolder(DAY))).sort();

it('copies missing files, removes nothing, and returns the files no longer needed', async () => {
  const first = await archive(0, 'first');
  expect((await gatherTo(localStore(cold))).map(({ path }) => path)).toEqual([`dt=${DAY}/${first}`]);
  const second = await archive(5, 'second');
  const old = await gatherTo(localStore(cold));
  expect(old.map(({ path }) => path).sort()).toEqual([first, second].map((name) => `dt=${DAY}/${name}`));
  expect(inCold()).toEqual([first, second]);
  expect(inOwn()).toEqual([first, second]);
  expect(readdirSync(cold)).toEqual(['.aside', `dt=${DAY}`]);
  expect(readdirSync(join(cold, '.aside'))).toEqual([]);
});

it('an interrupted copy leaves nothing under the final name, and is repeated', async () => {
  const name = await archive(0, 'first');
  const store = localStore(cold);
  const killed: Store = {
    ...store,
    async copyIn(from, path) {
      await store.copyIn(from, path);
      appendFileSync(store.named(path), 'garbage');
      throw new Error('killed');
    },
    remove: async () => {},
  };
  await expect(gatherTo(killed)).rejects.toThrow('killed');
  expect(inCold()).toEqual([]);
  await gatherTo(store);
  expect(inCold()).toEqual([name]);
});

it('reports a copy that differs from the original, and does not rename it', async () => {
  await archive(0, 'first');
  const store = localStore(cold);
  const broken: Store = {
    ...store,
    async copyIn(from, path) {
      await store.copyIn(from, path);
      writeFileSync(store.named(path), 'fjrst');
    },
  };
  await expect(gatherTo(broken)).rejects.toThrow(
    /cold\/dt=2003-01-05\/clicks-0.*is not what was archived.*nothing was removed/,
  );
  expect(inCold()).toEqual([]);
});

it('reports a broken file of the archive, and copies nothing of it', async () => {
  const name = await archive(0, 'first');
  writeFileSync(join(archiveDir, dayFolder(DAY), name), 'fjrst');
  await expect(gatherTo(localStore(cold))).rejects.toThrow(join(archiveDir, dayFolder(DAY), name));
  expect(inCold()).toEqual([]);
});

it("never takes another archive's file with the same name for its own", async () => {
  const name = await archive(0, 'first');
  mkdirSync(join(cold, `dt=${DAY}`), { recursive: true });
  writeFileSync(join(cold, `dt=${DAY}`, name), 'other');
  await expect(gatherTo(localStore(cold))).rejects.toThrow(/is not what was archived/);
  expect(inOwn()).toEqual([name]);
});

it('refuses a file that no manifest names', async () => {
  await archive(0, 'first');
  writeFileSync(join(archiveDir, dayFolder(DAY), 'stray.parquet'), '');
  await expect(gatherTo(localStore(cold))).rejects.toThrow(/stray\.parquet is named by no manifest/);
});

it('reports a full disk, and leaves the remaining space to others', async ({ skip }) => {
  mkdirSync(cold);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', cold], { stdio: 'ignore' });
  } catch {
    skip('no tmpfs can be mounted here');
  }
  mounted.push(cold);
  const small = await archive(0, 'first');
  await archive(5, 'x'.repeat(200_000));
  await expect(gatherTo(localStore(cold))).rejects.toThrow(
    /no room for .*-00000000000000000010.parquet \(200000 bytes\)/,
  );
  expect(inCold()).toEqual([small]);
  expect(inOwn()).toHaveLength(2);
  writeFileSync(join(cold, 'room'), 'x'.repeat(40_000));
});

it('days to move are those before the date that are not there yet', async () => {
  await archive(0, 'first');
  mkdirSync(join(archiveDir, dayFolder('2003-01-04')), { recursive: true });
  expect(daysToMove(archiveDir, '2003-01-06', cold)).toEqual([DAY]);
  expect(daysToMove(archiveDir, DAY, cold)).toEqual([]);
});

it('refuses today and later', () => {
  const nowMs = Date.parse('2021-01-31T23:59:59Z');
  expect(() => refuseRecent('2021-01-31', nowMs)).toThrow('--before: 2021-01-31 is today (days are UTC)');
  expect(() => refuseRecent('2021-02-01', nowMs)).toThrow('--before: 2021-02-01 is in the future (days are UTC)');
  refuseRecent('2021-01-30', nowMs);
});

it('refuses a folder in the archive, by whatever name, and one that is not writable', () => {
  expect(() => checkTarget(archiveDir, archiveDir)).toThrow(/lies inside the archive/);
  expect(() => checkTarget(archiveDir, join(archiveDir, 'cold', 'deep'))).toThrow(/lies inside the archive/);
  execFileSync('ln', ['-s', archiveDir, join(folder, 'link')]);
  expect(() => checkTarget(archiveDir, join(folder, 'link', 'cold'))).toThrow(/lies inside the archive/);
  writeFileSync(join(folder, 'file'), '');
  expect(() => checkTarget(archiveDir, join(folder, 'file', 'cold'))).toThrow(/--to: cannot write to .*file\/cold/);
  expect(() => checkTarget(archiveDir, '/proc/cold')).toThrow(/--to: cannot write to \/proc\/cold/);
  checkTarget(archiveDir, join(folder, 'archive-cold'));
});
