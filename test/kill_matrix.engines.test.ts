import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { readStatus } from '../audit/status.ts';
import { DAY_MS, dayOf } from '../domain/time.ts';
import { readConfig } from '../infra/config.ts';
import type { Service } from '../infra/role.ts';
import { FAILPOINT_TARGETS, type FailpointTarget, failpointsOf } from '../prove/failpoints/failpoints.ts';
import { killAt } from '../prove/failpoints/orders.ts';
import { type Counts, compare, type Fact, keyOf, perMinute } from '../prove/oracle.ts';
import { fromArchive, fromClickHouse } from '../prove/stores.ts';
import { cachedRead } from '../serving/api/stores/cached_read.ts';
import { analystSql, clickledger, count, hiveRows, searchRest } from './support/client.ts';
import { testDays } from './support/days.ts';
import { append, clicksOf, keepArchiving, killUnderTraffic } from './support/kill.ts';
import { eventually } from './support/wait.ts';

const env = inject('env');
const config = readConfig(env);

/** Long, because the tests of all roles run in parallel, and those of one role wait for one another. */
const LIMIT_MS = 900_000;
const COMPLETE_LIMIT_MS = 240_000;
const RUN_CLICKS = 300;
/** What the ids of their ads begin with. */
const ADS = 'kill-';
/** Elasticsearch returns no larger pages. */
const MAX_DOCUMENTS = 9_999;
const CLICKS_PER_MINUTE = 7;

let archiving: Service;
beforeAll(async () => {
  archiving = await keepArchiving(config);
});
afterAll(() => archiving.stop());

const written: Fact[] = [];
const busy = new Map<FailpointTarget, Promise<unknown>>();

/** Serializes work per process: each can have only one kill order at a time. */
function serialized<T>(target: FailpointTarget, work: () => Promise<T>): Promise<T> {
  const turn = (busy.get(target) ?? Promise.resolve()).then(work);
  busy.set(
    target,
    turn.catch(() => {}),
  );
  return turn;
}

interface MinuteRow {
  ad_id: string;
  minute: number;
  country: string;
  clicks: number;
}
const countsOf = (rows: MinuteRow[]): Counts =>
  new Map(rows.map(({ ad_id, minute, country, clicks }) => [keyOf(ad_id, Number(minute), country), Number(clicks)]));

/** All ads of these tests, in readings that the waiting tests share: one for each test would take most of a processor. */
const SHARED_MS = 700;

/** The analysts' view. */
const inClickHouse = cachedRead(SHARED_MS, async () =>
  countsOf(
    await analystSql<MinuteRow>(
      env,
      `SELECT ad_id, toUnixTimestamp(click_minute) * 1000 AS minute, country, clicks
       FROM ads.clicks_per_minute WHERE startsWith(ad_id, '${ADS}')`,
    ),
  ),
);

/** The documents behind the alias. */
const inElasticsearch = cachedRead(SHARED_MS, async () => {
  type Found = { hits: { hits: { _source: MinuteRow }[] } };
  const { hits } = await searchRest<Found>(env, '/ad-minutes/_search', {
    size: MAX_DOCUMENTS + 1,
    query: { prefix: { ad_id: ADS } },
  });
  expect(hits.hits.length, 'documents of a page').toBeLessThanOrEqual(MAX_DOCUMENTS);
  return countsOf(hits.hits.map(({ _source }) => _source));
});

/** Compares a store's counts of these ads with the written clicks. */
function difference(facts: Fact[], got: Counts) {
  const ads = new Set(facts.map(({ ad }) => ad));
  const { lost, doubled } = compare(
    perMinute(facts),
    new Map([...got].filter(([key]) => ads.has(key.split('|')[0] ?? ''))),
  );
  return { lost, doubled };
}

const NOTHING = { lost: 0, doubled: 0 };

/** Waits until nothing is missing; a surplus never disappears by waiting. */
async function complete(what: string, facts: Fact[], read: () => Promise<Counts>): Promise<void> {
  const found = await eventually(
    what,
    async () => {
      const seen = difference(facts, await read());
      return seen.lost === 0 && seen;
    },
    COMPLETE_LIMIT_MS,
    1_000,
  );
  expect(found, what).toEqual(NOTHING);
}

/** Clicks alone hardly ever move the alias: publishing.engines.test.ts covers these. */
const ALIAS_POINTS = ['before the alias', 'after the alias'];

describe.concurrent('a role killed between two durable steps loses nothing and counts nothing twice', () => {
  const cases = FAILPOINT_TARGETS.filter((target) => target !== 'nightly' && target !== 'rebuild').flatMap((role) =>
    failpointsOf(role)
      .filter((point) => !ALIAS_POINTS.includes(point))
      .map((point) => ({ role, point, ad: `${ADS}${role}-${point.replaceAll(' ', '-')}` })),
  );

  test.each(cases)('$role, $point', { timeout: LIMIT_MS }, async ({ role, point, ad }) => {
    const facts = await serialized(role, () => killUnderTraffic(config, role, point, ad));
    written.push(...facts);
    await complete('ClickHouse', facts, inClickHouse);
    await complete('Elasticsearch', facts, inElasticsearch);
  });
});

describe.concurrent('a rebuild killed between two durable steps is resumed, and published once', () => {
  const cases = failpointsOf('rebuild').map((point) => ({ point, startMs: testDays() }));

  test.each(cases)('$point', { timeout: LIMIT_MS }, async ({ point, startMs }) => {
    const [day, ad] = [dayOf(startMs), `${ADS}rebuild-${dayOf(startMs)}`];
    const facts = clicksOf(ad, RUN_CLICKS, (n) => startMs + Math.floor(n / CLICKS_PER_MINUTE) * 60_000);
    const rebuild = () =>
      clickledger(env, 'rebuild', '--from', day, '--to', dayOf(startMs + DAY_MS), '--reason', 'kill test');
    const answered = async () => (await count(env, ad, startMs, startMs + DAY_MS)).count;
    append(config, ad, facts);
    written.push(...facts);
    await eventually('all clicks of the day', async () => (await answered()) === RUN_CLICKS, COMPLETE_LIMIT_MS, 1_000);

    await serialized('rebuild', async () => {
      const killing = killAt(config.dataDir, 'rebuild', point, Date.now() + 240_000);
      const { code, stderr } = await rebuild();
      expect([code, stderr], 'ended by the kill').toEqual([null, expect.any(String)]);
      expect(await killing).toBe(true);
    });
    // Not at once: while a killed publisher lags, Elasticsearch may lack rows that ClickHouse returned before.
    await eventually('the same answer', async () => (await answered()) === RUN_CLICKS, COMPLETE_LIMIT_MS, 1_000);
    expect(await serialized('rebuild', rebuild)).toMatchObject({ code: 0 });

    const { count: final, receipt } = await count(env, ad, startMs, startMs + DAY_MS);
    expect([final, receipt.batch.count, receipt.realtime.count]).toEqual([RUN_CLICKS, RUN_CLICKS, 0]);
    const truth = perMinute(facts);
    await complete('Elasticsearch', facts, inElasticsearch);
    await complete('ClickHouse', facts, inClickHouse);
    const hive = await hiveRows(
      env,
      `SELECT ad_id, click_minute, country, clicks FROM ads.clicks_per_minute WHERE dt = '${day}'`,
    );
    const inHive = hive.map((row) => [`${row.ad_id}|${row.click_minute}|${row.country}`, Number(row.clicks)] as const);
    expect(compare(truth, new Map(inHive))).toMatchObject(NOTHING);
  });
});

test('in the end every store has every click of these tests once, and conservation holds', {
  timeout: LIMIT_MS,
}, async () => {
  for (const store of ['raw', 'minutes by ad', 'minutes by minute', 'clicks_per_minute']) {
    await complete(store, written, async () => (await fromClickHouse(config, { ads: ADS })).get(store) ?? new Map());
  }
  await complete('archive', written, async () => (await fromArchive(config)).counts);
  expect((await fromArchive(config)).twice).toBe(0);
  await eventually('conservation', async () => (await readStatus(config)).conservation.every(({ ok }) => ok));
});
