import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRegister } from '../infra/register/open.ts';
import { KAFKA_RESTORE_FAILPOINTS } from '../prove/failpoints/failpoints.ts';
import { clickledger } from './support/client.ts';
import { keepArchiving } from './support/kill.ts';
import { KAFKA, LOST_LIMIT_MS, LostSite } from './support/lost_site.ts';

/** Kafka is lost, with clicks that only it had; the restore is killed at each of its points. */
/** With a run, and without one. */
const [PAST, OPEN] = [Date.UTC(2024, 6, 10), Date.UTC(2024, 6, 11)];
const site = new LostSite([PAST, OPEN]);

beforeAll(async () => {
  await site.begin();
  const archiving = await keepArchiving(site.config);
  site.write(PAST, 200, 'past');
  site.write(OPEN, 150, 'open');
  await site.allCounted();
  await site.rebuild(PAST);
  await archiving.stop();
  site.write(OPEN, 40, 'not-archived');
  await site.allCounted();
}, LOST_LIMIT_MS);

afterAll(() => site.end(), LOST_LIMIT_MS);

test('a lost Kafka is noticed, and given up only if somebody asks for that', { timeout: LOST_LIMIT_MS }, async () => {
  await site.writeToKafkaOnly(OPEN, 60, 'only-in-kafka');
  await site.stopAndRemove(KAFKA);
  await expect(site.startRefused()).rejects.toThrow(/did not start/);
  expect(await site.findings()).toContainEqual(
    expect.objectContaining({
      code: 'store_refused',
      what: expect.stringContaining('if that one is lost, "./clickledger restore --new-kafka" goes on with this one'),
      mend: expect.stringContaining('if it is lost, "./clickledger restore --new-kafka"'),
    }),
  );
  const survey = await clickledger(site.env, 'restore', '--dry-run');
  expect([survey.code, survey.stdout]).toEqual([0, expect.stringMatching(/^Kafka is lost, or another one is there\./)]);
  expect(await site.restore(null)).toMatch(
    /^1\n[\s\S]*is another cluster \(.+\) than that of this platform \(.+\); nothing was restored\.[\s\S]*restore --new-kafka/,
  );
  expect(await openRegister(site.config).list('restores/')).toEqual([]);
});

test('the command that is named is killed at each of its points', { timeout: LOST_LIMIT_MS }, async () => {
  const [first, ...others] = Object.entries(KAFKA_RESTORE_FAILPOINTS);
  expect(await site.restore(first?.[1] ?? null, ['--new-kafka'])).toMatch(/^SIGKILL/);
  await site.start();
  for (const [point, event] of others) {
    expect(await site.restore(event), point).toMatch(/^SIGKILL/);
    expect(existsSync(join(site.folder, 'kill-orders', 'restore.json')), point).toBe(false);
    // Nothing is counted until it is clear what was.
    if (point === 'before lines are sent again') expect(await site.counted()).toBe(site.written.length - 60);
  }
  expect(await site.restore(null)).toMatch(/^0\n/);
});

test('what was only in Kafka was read again, and nothing twice', { timeout: LOST_LIMIT_MS }, async () => {
  await site.allCounted();
  await site.expectExact();
  site.write(OPEN, 30, 'after-kafka');
  await site.allCounted();
  await site.expectExact();
  expect(await site.findings()).toEqual([]);
  await site.isBalanced();
  // The archive has everything too: the night's count is the same.
  await site.rebuild(OPEN);
  await site.expectExact();
});
