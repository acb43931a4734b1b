import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { manifestsOf, paddedOffset } from '../batch/archive/manifest.ts';
import type { Replay } from '../batch/replay/record.ts';
import { type Counts, compare, type Fact, perMinute } from '../cli/prove/ledger.ts';
import { killOn } from '../cli/prove/points/orders.ts';
import { REPLAY_POINTS } from '../cli/prove/points/points.ts';
import { fromClickHouse } from '../cli/prove/stores.ts';
import { change } from '../cli/status/damage.ts';
import { readStatus } from '../cli/status.ts';
import { DAY_MS, dayOf } from '../domain/time.ts';
import { createClickHouse, rows } from '../infra/clients/clickhouse.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { readConfig } from '../infra/config.ts';
import type { Service } from '../infra/role.ts';
import { type CommandResult, clickledger, count } from './harness/client.ts';
import { append, clicksOf, keepArchiving } from './harness/kill.ts';
import { eventually } from './harness/wait.ts';

const env = inject('env');
const config = readConfig(env);
const LIMIT_MS = 900_000;
const COMPLETE_LIMIT_MS = 240_000;

let archiving: Service;
const clickhouse = createClickHouse(engineUrls(config).clickhouse);
beforeAll(async () => {
  archiving = await keepArchiving(config);
});
afterAll(async () => {
  await archiving.stop();
  await clickhouse.close();
});

const written: Fact[] = [];

/** Clicks of an ad over the first hours of a day; one in ten is sent twice. */
function write(ad: string, startMs: number, clicks: number): Fact[] {
  const facts = clicksOf(ad, clicks, (n) => startMs + n * 20_000);
  append(config, ad, facts);
  written.push(...facts);
  return facts;
}

const replay = (day: string, to: string): Promise<CommandResult> =>
  clickledger(env, 'replay', '--from', day, '--to', to, '--reason', 'test', '--json');

const STORES = ['raw', 'minutes by ad', 'minutes by minute', 'clicks_per_minute'];

/** What a store lacks, and what it has too much, of the ads that these tests wrote. */
async function differences(facts: Fact[]): Promise<Record<string, { lost: number; doubled: number }>> {
  const ads = new Set(facts.map(({ ad }) => ad));
  const stores = await fromClickHouse(config);
  const ofAds = (counts: Counts | undefined): Counts =>
    new Map([...(counts ?? [])].filter(([key]) => ads.has(key.split('|')[0] ?? '')));
  return Object.fromEntries(
    STORES.map((store) => {
      const { lost, doubled } = compare(perMinute(facts), ofAds(stores.get(store)));
      return [store, { lost, doubled }];
    }),
  );
}

const NOTHING = Object.fromEntries(STORES.map((store) => [store, { lost: 0, doubled: 0 }]));

async function complete(facts: Fact[]): Promise<void> {
  const found = await eventually(
    'every click is counted',
    async () => {
      const seen = await differences(facts);
      return Object.values(seen).every(({ lost }) => lost === 0) && seen;
    },
    COMPLETE_LIMIT_MS,
    500,
  );
  expect(found).toEqual(NOTHING);
}

const broken = async (): Promise<string[]> =>
  (await readStatus(config)).conservation.filter(({ ok }) => !ok).map(({ rule }) => rule);
const conserved = () => eventually('conservation', async () => (await broken()).length === 0, COMPLETE_LIMIT_MS, 1_000);

/** Rows of a day are lost, others doubled, as a fault in the real-time path might do. */
async function damage(day: string): Promise<void> {
  const ofDay = (column: string) => `toDate(${column}) = '${day}'`;
  await change(clickhouse, `ALTER TABLE ads.clicks DELETE WHERE ${ofDay('click_timestamp')} AND topic_offset % 3 = 0`);
  await change(clickhouse, `ALTER TABLE ads.copies_dropped DELETE WHERE ${ofDay('click_timestamp')}`);
  await change(
    clickhouse,
    `INSERT INTO ads.minutes_by_ad SELECT * FROM ads.minutes_by_ad WHERE ${ofDay('click_minute')}`,
  );
  await change(
    clickhouse,
    `ALTER TABLE ads.minutes_by_minute DELETE WHERE ${ofDay('click_minute')} AND minute(click_minute) % 2 = 0`,
  );
}

/** Clicks of now, of the days and of before, until it is ended. */
function liveClicks(name: string, startsMs: number[]): { end(): Promise<Fact[]> } {
  const facts: Fact[] = [];
  let isOver = false;
  const going = (async () => {
    for (let n = 0; !isOver; n++) {
      const at = startsMs[n % startsMs.length] as number;
      const next = clicksOf(name, (n + 1) * 5, (i) => at + 60_000 + i * 100).slice(n * 5);
      facts.push(...next);
      append(config, name, next);
      await delay(200);
    }
  })();
  return {
    async end() {
      isOver = true;
      await going;
      written.push(...facts);
      return facts;
    },
  };
}

async function killRole(role: string): Promise<void> {
  const pidOf = async () => (await readStatus(config)).processes.find(({ name }) => name === role)?.pid;
  const pid = await pidOf();
  if (pid) process.kill(pid, 'SIGKILL');
  await eventually(`${role} is back`, async () => ![pid, undefined].includes(await pidOf()), COMPLETE_LIMIT_MS);
}

/** A day with clicks, the day behind it with others; both whole. */
async function twoDays(n: number, clicks: number) {
  const startMs = Date.UTC(2000, 0, 1) + n * 2 * DAY_MS;
  const [day, next] = [dayOf(startMs), dayOf(startMs + DAY_MS)];
  const facts = [...write(`replay-${day}`, startMs, clicks), ...write(`replay-${next}`, startMs + DAY_MS, clicks)];
  await complete(facts);
  return { startMs, day, next, facts };
}

test('a damaged day is as it was, with clicks of it and of other days coming in meanwhile', {
  timeout: LIMIT_MS,
}, async () => {
  const { startMs, day, next, facts } = await twoDays(0, 600);
  await conserved();
  await damage(day);
  expect(await broken()).toEqual([
    'messages counted = raw rows + copies dropped + messages rejected',
    'raw rows = clicks in minutes by ad',
    'raw rows = clicks in minutes by minute',
  ]);
  // A sink that begins with the damaged tables remembers too little of what it counted.
  await killRole('realtime');
  const live = liveClicks('replay-live', [Date.now() - 600_000, startMs, startMs + DAY_MS, Date.now() - 600_000]);
  const { code, stdout, stderr } = await replay(day, next);
  const came = await live.end();
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  await complete([...facts, ...came]);
  // What the sink had forgotten it was told again: copies are copies.
  append(config, `replay-again-${day}`, facts.filter(({ id, at }) => id !== null && dayOf(at) === day).slice(0, 100));
  await eventually('all is counted', async () => {
    const { stages } = await readStatus(config);
    return stages.every(({ name, lag }) => !['ingest', 'realtime'].includes(name) || lag === 0);
  });
  await complete([...facts, ...came]);
  await conserved();

  const done = JSON.parse(stdout) as Replay;
  const late = came.filter(({ at }) => dayOf(at) === day).length;
  expect(late).toBeGreaterThan(0);
  expect(done).toMatchObject({ state: 'done', from: day, to: next, reason: 'test' });
  expect(done.before?.raw_rows).toBeLessThan(600);
  expect(done.before?.clicks_by_ad).toBeGreaterThanOrEqual(1_200);
  expect(done.after?.raw_rows).toBeGreaterThanOrEqual(600);
  expect(done.after?.raw_rows).toBeLessThanOrEqual(600 + late);
  expect(done.after?.clicks_by_ad).toBe(done.after?.raw_rows);
  expect(done.after?.copies_dropped).toBeGreaterThanOrEqual(40);
  expect(JSON.parse(done.inputs)).toMatchObject({
    files: expect.any(Number),
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(Object.keys(done.cut)).toHaveLength(config.clicksPartitions);

  // Elasticsearch had the right count, and is not asked any more.
  const [ad, end] = [`replay-${day}`, startMs + DAY_MS];
  const { count: answered, receipt } = await count(env, ad, startMs, end);
  expect([answered, receipt.sources, receipt.status]).toEqual([600, ['clickhouse'], 'provisional']);
  const listed = await clickledger(env, 'runs', '--date', day, '--json');
  expect(JSON.parse(listed.stdout)).toMatchObject({ replays: [{ replay: done.replay, state: 'done' }] });
  expect((await clickledger(env, 'runs', '--date', next, '--json')).stdout).not.toContain('"state":"done"');

  const pauses = await rows<{ step: string; seconds: number }>(
    clickhouse,
    `SELECT step, dateDiff('millisecond', min(recorded_at), maxIf(recorded_at, released = 1)) / 1000 AS seconds
     FROM ads.sink_pauses WHERE replay = ${done.replay} GROUP BY step ORDER BY step`,
  );
  process.stdout.write(`the sink stood: ${JSON.stringify(pauses)}\n`);
  expect(pauses.map(({ step }) => step)).toEqual(['clone', 'exchange']);
  for (const { seconds } of pauses) expect(seconds).toBeLessThan(20);
});

/** Clicks of one ad in raw rows and in both rollups. */
async function held(ad: string): Promise<number[]> {
  const [row] = await rows<{ held: number[] }>(
    clickhouse,
    `SELECT [(SELECT count() FROM ads.clicks WHERE ad_id = '${ad}'),
             (SELECT sum(clicks) FROM ads.minutes_by_ad WHERE ad_id = '${ad}'),
             (SELECT sum(clicks) FROM ads.minutes_by_minute WHERE ad_id = '${ad}')] AS held`,
  );
  return row?.held ?? [];
}

/** A click of now is counted: the sink does not stand, or not any more. */
async function sinkGoesOn(name: string): Promise<void> {
  await complete(write(name, Date.now() - 900_000, 3));
}

describe('a replay killed between two durable steps has changed nothing or everything, and is ended by the next', () => {
  const cases = Object.entries(REPLAY_POINTS.replay).map(([point, event], n) => ({ point, event, n: 1 + n }));

  test.each(cases)('$point', { timeout: LIMIT_MS }, async ({ event, n }) => {
    const { day, next, facts } = await twoDays(n, 60);
    await damage(day);
    const [before, whole] = [await held(`replay-${day}`), [60, 60, 60]];
    expect(before).not.toEqual(whole);
    const killing = killOn(config.dataDir, 'replay', event, Date.now() + 240_000);
    const { code, stderr } = await replay(day, next);
    expect([code, stderr], 'ended by the kill').toEqual([null, expect.any(String)]);
    expect(await killing).toBe(true);
    await sinkGoesOn(`replay-after-${day}`);
    expect([before, whole]).toContainEqual(await held(`replay-${day}`));
    const again = await replay(day, next);
    expect([again.code, again.code === 0 ? '' : again.stderr]).toEqual([0, '']);
    await complete(facts);
    await conserved();
  });
});

test('a replay that was stalled for longer than the sink stands comes too late', { timeout: LIMIT_MS }, async () => {
  const { day, next, facts } = await twoDays(60, 60);
  await damage(day);
  const before = await held(`replay-${day}`);
  const stopping = killOn(config.dataDir, 'replay', 'before replay decide', Date.now() + 240_000, 'SIGSTOP');
  const stalled = replay(day, next);
  expect(await stopping).toBe(true);
  await sinkGoesOn(`replay-after-${day}`);
  const locks = join(config.archiveDir, 'locks', 'replay');
  const last = Math.max(...readdirSync(locks).map((name) => Number.parseInt(name, 10)));
  process.kill(JSON.parse(readFileSync(join(locks, `${last}.json`), 'utf8')).pid, 'SIGCONT');
  const { code, stderr } = await stalled;
  expect([code, stderr]).toEqual([1, expect.stringContaining('clicks')]);
  expect(await held(`replay-${day}`)).toEqual(before);
  expect((await replay(day, next)).code).toBe(0);
  await complete(facts);
});

describe('a sink killed while it exchanges tables exchanges all of them', () => {
  const cases = Object.entries(REPLAY_POINTS.realtime).map(([point, event], n) => ({ point, event, n: 20 + n }));

  test.each(cases)('$point', { timeout: LIMIT_MS }, async ({ event, n }) => {
    const { day, next, facts } = await twoDays(n, 60);
    await damage(day);
    const live = liveClicks(`replay-during-${day}`, [Date.now() - 900_000]);
    const killing = killOn(config.dataDir, 'realtime', event, Date.now() + 240_000);
    const { code, stderr } = await replay(day, next);
    expect(await killing).toBe(true);
    expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    await complete([...facts, ...(await live.end())]);
    await conserved();
  });
});

test('a replay and the sink outlive ClickHouse', { timeout: LIMIT_MS }, async () => {
  const { day, next, facts } = await twoDays(40, 300);
  await damage(day);
  const first = replay(day, next);
  const pid = (await readStatus(config)).processes.find(({ name }) => name === 'clickhouse')?.pid;
  await eventually('the tables of a replay', async () => {
    const found = await rows(clickhouse, "SELECT name FROM system.databases WHERE startsWith(name, 'ads_replay_')");
    return found.length > 0;
  });
  if (pid) process.kill(pid, 'SIGKILL');
  const { code, stderr } = await first;
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^clickledger: .+$/m)]);
  await sinkGoesOn(`replay-after-${day}`);
  expect((await replay(day, next)).code).toBe(0);
  await complete(facts);
  await conserved();
});

describe('bad input changes nothing', () => {
  const refused = async (day: string, to: string): Promise<string> => {
    const { code, stdout, stderr } = await replay(day, to);
    expect([code, stdout]).toEqual([1, '']);
    return stderr.split('\n').findLast((line) => line.startsWith('clickledger: ')) ?? stderr;
  };

  test.each([
    ['2011-01-05', '2011-01-05', '--from 2011-01-05 is not before --to 2011-01-05'],
    ['2011-01-06', '2011-01-05', 'is not before'],
    [dayOf(Date.now() + DAY_MS), dayOf(Date.now() + 2 * DAY_MS), 'has not begun yet'],
    ['2003-01-01', '2003-01-03', 'no click of 2003-01-01 to 2003-01-03 (exclusive) is archived'],
    ['2011-02-30', '2011-03-01', 'Expected a day'],
  ])('%s to %s', { timeout: LIMIT_MS }, async (from, to, why) => {
    const { code, stderr } = await replay(from, to);
    expect([code, stderr]).toEqual([1, expect.stringContaining(why)]);
    await conserved();
  });

  test('a file or manifest that is not what it was is named', { timeout: LIMIT_MS }, async () => {
    const { day, next, facts } = await twoDays(50, 60);
    await damage(day);
    const before = await held(`replay-${day}`);
    const manifest = await eventually('the archive has the day', async () =>
      [...manifestsOf(config.archiveDir)].find(({ files }) => files.some((file) => file.day === day)),
    );
    const file = manifest.files.find((one) => one.day === day);
    const path = join(config.archiveDir, file?.path ?? '');
    await eventually('its file is in place', async () => existsSync(path));
    const whole = readFileSync(path);
    writeFileSync(path, Buffer.from(whole).fill(0, 20, 21));
    expect(await refused(day, next)).toContain(`${path} is not what was archived: its SHA-256 differs`);
    renameSync(path, `${path}.away`);
    expect(await refused(day, next)).toContain(`${path} is missing`);
    renameSync(`${path}.away`, path);
    writeFileSync(path, whole);

    const { topic, partition, from } = manifest;
    const folder = join(config.archiveDir, 'manifests', `${topic}-${partition}`);
    const record = join(folder, `${paddedOffset(from)}.json`);
    const text = readFileSync(record);
    writeFileSync(record, '{');
    expect(await refused(day, next)).toContain(`${record} cannot be read as a manifest`);
    writeFileSync(record, text);
    expect(await held(`replay-${day}`)).toEqual(before);
    const [left] = await rows<{ n: number }>(
      clickhouse,
      "SELECT count() AS n FROM system.databases WHERE startsWith(name, 'ads_replay_')",
    );
    expect(left?.n).toBe(0);
    expect((await replay(day, next)).code).toBe(0);
    await complete(facts);
  });
});

test('in the end every click of these tests is counted once', { timeout: LIMIT_MS }, async () => {
  await complete(written);
  await conserved();
});
