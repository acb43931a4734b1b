import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { REPLAY_FAILPOINTS } from '../prove/failpoints/failpoints.ts';
import { killOn } from '../prove/failpoints/orders.ts';
import { ReplaySite } from './support/replay.ts';

const site = new ReplaySite(inject('env'));
const LIMIT_MS = 900_000;
/** Damaged and replayed by every test, and complete after each. */
let days: Awaited<ReturnType<typeof site.twoDays>>;
beforeAll(async () => {
  await site.open();
  days = await site.twoDays(60);
}, LIMIT_MS);
afterAll(() => site.close());

describe('a replay killed between two durable steps has changed nothing or everything, and the next one completes it', () => {
  const cases = Object.entries(REPLAY_FAILPOINTS.replay).map(([point, event], n) => ({ point, event, n }));

  test.each(cases)('$point', { timeout: LIMIT_MS }, async ({ event, n }) => {
    const { day, next, facts } = days;
    await site.damage(day);
    const [before, whole] = [await site.held(`replay-${day}`), [60, 60, 60]];
    expect(before).not.toEqual(whole);
    const killing = killOn(site.config.dataDir, 'replay', event, Date.now() + 240_000);
    const { code, stderr } = await site.replay(day, next);
    expect([code, stderr], 'ended by the kill').toEqual([null, expect.any(String)]);
    expect(await killing).toBe(true);
    await site.untilSinkResumes(`replay-after-${n}`);
    expect([before, whole]).toContainEqual(await site.held(`replay-${day}`));
    const again = await site.replay(day, next);
    expect([again.code, again.code === 0 ? '' : again.stderr]).toEqual([0, '']);
    await site.complete(facts);
    await site.conserved();
  });
});

test('a replay that stalled for longer than the pause of the sink is too late', { timeout: LIMIT_MS }, async () => {
  const { day, next, facts } = days;
  await site.damage(day);
  const before = await site.held(`replay-${day}`);
  const stopping = killOn(site.config.dataDir, 'replay', 'before link replay-ended', Date.now() + 240_000, 'SIGSTOP');
  const stalled = site.replay(day, next);
  expect(await stopping).toBe(true);
  await site.untilSinkResumes('replay-after-stall');
  const locks = join(site.config.archiveDir, 'locks', 'replay');
  const last = Math.max(...readdirSync(locks).map((name) => Number.parseInt(name, 10)));
  process.kill(JSON.parse(readFileSync(join(locks, `${last}.json`), 'utf8')).pid, 'SIGCONT');
  const { code, stderr } = await stalled;
  expect([code, stderr]).toEqual([1, expect.stringContaining('came too late')]);
  expect(await site.held(`replay-${day}`)).toEqual(before);
  expect((await site.replay(day, next)).code).toBe(0);
  await site.complete(facts);
});

describe('a sink killed while it exchanges tables exchanges all of them', () => {
  const cases = Object.entries(REPLAY_FAILPOINTS.realtime).map(([point, event], n) => ({ point, event, n }));

  test.each(cases)('$point', { timeout: LIMIT_MS }, async ({ event, n }) => {
    const { day, next, facts } = days;
    await site.damage(day);
    const live = site.liveClicks(`replay-during-${n}`, [Date.now() - 900_000]);
    const killing = killOn(site.config.dataDir, 'realtime', event, Date.now() + 240_000);
    const { code, stderr } = await site.replay(day, next);
    expect(await killing).toBe(true);
    expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    await site.complete([...facts, ...(await live.end())]);
    await site.conserved();
  });
});

test('in the end every click of these tests is counted once', { timeout: LIMIT_MS }, async () => {
  await site.complete(site.written);
  await site.conserved();
});
