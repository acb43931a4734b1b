import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { manifestsOf, paddedOffset } from '../batch/archive/files/manifest.ts';
import { DAY_MS, dayOf } from '../domain/time.ts';
import { ReplaySite } from './support/replay.ts';
import { eventually } from './support/wait.ts';

const site = new ReplaySite(inject('env'));
const LIMIT_MS = 900_000;
beforeAll(() => site.open());
afterAll(() => site.close());

/** Expects a failure with only one line that says why. */
const refused = async (day: string, to: string): Promise<string> => {
  const { code, stdout, stderr } = await site.replay(day, to);
  expect([code, stdout]).toEqual([1, '']);
  return stderr.split('\n').findLast((line) => line.startsWith('clickledger: ')) ?? stderr;
};

test.each([
  ['2011-01-05', '2011-01-05', '--from 2011-01-05 is not before --to 2011-01-05'],
  ['2011-01-06', '2011-01-05', 'is not before'],
  [dayOf(Date.now() + DAY_MS), dayOf(Date.now() + 2 * DAY_MS), 'has not begun yet'],
  ['2000-12-30', '2001-01-01', 'no click of 2000-12-30 to 2001-01-01 (exclusive) is archived'],
  ['2011-02-30', '2011-03-01', 'Expected a day'],
])('%s to %s', { timeout: LIMIT_MS }, async (from, to, why) => {
  const { code, stderr } = await site.replay(from, to);
  expect([code, stderr]).toEqual([1, expect.stringContaining(why)]);
  await site.conserved();
});

test('a changed file or manifest is named', { timeout: LIMIT_MS }, async () => {
  const { day, next, facts } = await site.twoDays(60);
  await site.damage(day);
  const before = await site.held(`replay-${day}`);
  const manifest = await eventually('the archive has the day', async () =>
    [...manifestsOf(site.config.archiveDir)].find(({ files }) => files.some((file) => file.day === day)),
  );
  const file = manifest.files.find((one) => one.day === day);
  const path = join(site.config.archiveDir, file?.path ?? '');
  await eventually('its file is in place', async () => existsSync(path));
  const whole = readFileSync(path);
  // All roles read this archive: it is put back whatever the test finds.
  try {
    writeFileSync(path, Buffer.from(whole).fill(0, 20, 21));
    expect(await refused(day, next)).toContain(`${path} is not what was archived: its SHA-256 differs`);
    rmSync(path);
    expect(await refused(day, next)).toContain(`${path} is missing`);
  } finally {
    writeFileSync(path, whole);
  }

  const { topic, partition, from } = manifest;
  const folder = join(site.config.archiveDir, 'manifests', `${topic}-${partition}`);
  const record = join(folder, `${paddedOffset(from)}.json`);
  const text = readFileSync(record);
  try {
    writeFileSync(record, '{');
    expect(await refused(day, next)).toContain(`${record}: not JSON: {`);
  } finally {
    writeFileSync(record, text);
  }
  expect(await site.held(`replay-${day}`)).toEqual(before);
  expect(await site.staged()).toEqual([]);
  expect((await site.replay(day, next)).code).toBe(0);
  await site.complete(facts);
});
