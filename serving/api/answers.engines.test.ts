import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { DAY_MS, dayStartMs, iso, MINUTE_MS, minuteOf } from '../../domain/time.ts';
import { createClickHouse } from '../../infra/clients/clickhouse.ts';
import { createElasticsearch } from '../../infra/clients/elasticsearch.ts';
import { adUrl, get } from '../../test/support/api/get.ts';
import { inAllPools, NOWHERE, startWorld, type World } from '../../test/support/api/server.ts';
import {
  BOUNDARY_MS,
  DAYS,
  FIRST_MS,
  LAST_MS,
  plainCounts,
  plainTop,
  seededRandom,
  select,
  type WorldFilter,
} from '../../test/support/api/world.ts';
import { testDays } from '../../test/support/days.ts';

const next = seededRandom(20_050_301);
let world: World;
let api = '';
let withoutSearch = '';
beforeAll(async () => {
  world = await startWorld(inject('env'), 'answers-test');
  api = await world.serve();
  withoutSearch = await world.serve({ stores: { ...world.stores, elasticsearch: createElasticsearch(NOWHERE) } });
});
afterAll(() => world.stop());

const countUrl = (address: string, ad: string, params: Record<string, string | number>): string =>
  adUrl(address, ad, 'aggregated_count', params);

const FILTERS: WorldFilter[] = [
  {},
  { country: ['USA'] },
  { country: ['DEU', 'FRA'] },
  { user_id: ["o'user"] },
  { ip: { network: '10.0.0.0/8', startsWith: '10.' } },
  { ip: { network: '10.2.0.1', startsWith: '10.2.' }, country: ['USA'] },
  { ip: { network: '2001:DB8::/32', startsWith: '2001:' }, user_id: ['user 1', 'nobody'] },
];
const asParams = ({ country, user_id, ip }: WorldFilter) => ({
  ...(country && { country: country.join(',').toLowerCase() }),
  ...(user_id && { user_id: user_id.join(',') }),
  ...(ip && { ip: ip.network }),
});

/** Ranges with ends on, before and after minutes, days and the boundary. */
function ranges(count: number): [number, number][] {
  const borders = [...Object.values(DAYS).map(dayStartMs), BOUNDARY_MS, LAST_MS];
  const pick = <T>(from: T[]): T => from[Math.floor(next() * from.length)] as T;
  const instant = () => pick(borders) + pick([0, 0, -MINUTE_MS, MINUTE_MS, 1, -1, 30_500, -90_250]);
  const drawn = Array.from({ length: count }, () => [instant(), instant()].sort((a, b) => a - b) as [number, number]);
  return drawn.filter(([from, to]) => from < to);
}

test('every count equals a plain count, with Elasticsearch and without it', async () => {
  const ads = [...new Set(world.rows.map(({ ad_id }) => ad_id))];
  expect(ads).toHaveLength(4);
  const questions: [number, number][] = [
    [FIRST_MS, LAST_MS],
    [BOUNDARY_MS - 90_000, BOUNDARY_MS + 90_000],
    ...ranges(60),
  ];
  for (const [i, [from, to]] of questions.entries()) {
    const [ad, filter] = [ads[i % ads.length] as string, FILTERS[i % FILTERS.length] as WorldFilter];
    const { batch, realtime, late } = plainCounts(
      select(world.rows, from, to, filter).filter(({ ad_id }) => ad_id === ad),
    );
    for (const at of [api, withoutSearch]) {
      const { status, body } = await get(countUrl(at, ad, { from, to: iso(to), ...asParams(filter) }));
      const { receipt } = body;
      const got = [body.count, receipt?.batch.count, receipt?.realtime.count, receipt?.late];
      const what = `${ad} ${iso(from)} ${iso(to)} ${JSON.stringify(filter)} ${at === api ? '' : 'without search'}`;
      expect([status, ...got], what).toEqual([200, batch + realtime, batch, realtime, late]);
    }
  }
});

test('every window of a series equals a plain count, and has its own finality', async () => {
  const ads = [...new Set(world.rows.map(({ ad_id }) => ad_id))];
  const sizes = [
    [60, 60],
    [86_400, 43_200],
    [3_600, 3_600],
    [450, 450],
  ] as const;
  const day = dayStartMs(DAYS.restated);
  const questions: [number, number][] = [
    [FIRST_MS, LAST_MS],
    [day - 2 * 3_600_000, day + 2 * 3_600_000],
    [day - 90_250, day + 90_500],
    ...ranges(12),
  ];
  for (const [i, [from, to]] of questions.entries()) {
    const fitting = sizes.filter(([, hop]) => (to - from) / 1_000 / hop <= 2_000);
    const [size, hop] = fitting[i % fitting.length] as [number, number];
    const [ad, filter] = [ads[i % ads.length] as string, FILTERS[i % FILTERS.length] as WorldFilter];
    const ofAd = world.rows.filter(({ ad_id }) => ad_id === ad);
    const url = adUrl(api, ad, 'series', { from, to, ...asParams(filter), size, hop });
    const { status, body } = await get(url);
    expect([status, body.size, body.hop], url).toEqual([200, size, hop]);
    for (const point of body.points) {
      const [fromMs, toMs] = [Date.parse(point.from), Date.parse(point.to)];
      const { batch, realtime } = plainCounts(select(ofAd, fromMs, toMs, filter));
      expect([point.from, point.count], url).toEqual([iso(fromMs), batch + realtime]);
    }
    const last = body.points.at(-1);
    const counted = (await get(countUrl(api, ad, { from: last.from, to: last.to, ...asParams(filter) }))).body;
    expect([last.count, last.status], url).toEqual([counted.count, counted.receipt.status]);
    const { batch, realtime, late } = plainCounts(select(ofAd, from, to, filter));
    expect(body.receipt, url).toMatchObject({ batch: { count: batch }, realtime: { count: realtime }, late });
  }
});

test('the receipt says what the answer is based on', async () => {
  const ad = `${world.prefix}/a`;
  const { body } = await get(countUrl(api, ad, { from: DAYS.final, to: LAST_MS }));
  expect(body.receipt).toMatchObject({
    status: 'provisional',
    batch: {
      from: iso(FIRST_MS),
      to: iso(LAST_MS),
      runs: [
        { date: DAYS.final, run: 1 },
        { date: DAYS.restated, run: 2 },
        { date: DAYS.empty, run: 1 },
      ],
    },
    realtime: { from: iso(dayStartMs(DAYS.givenUp)), to: iso(dayStartMs(DAYS.empty)) },
    watermark: iso(BOUNDARY_MS + 5_000),
    boundary: iso(BOUNDARY_MS),
    sources: ['elasticsearch', 'clickhouse'],
  });
  const status = async (from: string, to: string) => (await get(countUrl(api, ad, { from, to }))).body.receipt;
  expect(await status(DAYS.final, DAYS.restated)).toMatchObject({
    status: 'final',
    sources: ['elasticsearch'],
    realtime: { count: 0, from: null, to: null },
  });
  expect(await status(DAYS.final, DAYS.givenUp)).toMatchObject({ status: 'restated' });
  expect(await status(DAYS.closed, DAYS.half)).toMatchObject({
    status: 'provisional',
    sources: ['elasticsearch'],
    batch: { count: 0, from: null, to: null, runs: [] },
  });
  expect(await status(DAYS.empty, iso(LAST_MS))).toMatchObject({ status: 'final', late: 0 });
  expect(await status(DAYS.empty, '2150-06-01')).toMatchObject({ status: 'provisional' });
});

test('without from and to, the last minute is meant', async () => {
  const { body } = await get(`${api}/v1/ads/x/aggregated_count`);
  expect(body).toMatchObject({ ad_id: 'x', count: 0, receipt: { status: 'provisional' } });
  expect(body.receipt.realtime.to).toBe(iso(world.now));
});

test('popular ads are exact, and equal counts are ordered by ad id', async () => {
  for (const [i, [from, to]] of [[FIRST_MS, LAST_MS] as [number, number], ...ranges(25)].entries()) {
    const [at, filter] = [minuteOf(to), FILTERS[i % FILTERS.length] as WorldFilter];
    const window = Math.ceil((at - from) / MINUTE_MS) || 1;
    const selected = select(world.rows, at - window * MINUTE_MS, at, filter);
    for (const limit of [2, 100]) {
      const query = new URLSearchParams({ at: iso(to), window: `${window}`, count: `${limit}`, ...asParams(filter) });
      const { status, body } = await get(`${api}/v1/ads/popular_ads?${query}`);
      const expected = plainTop(selected, limit);
      expect([status, body.ads], query.toString()).toEqual([200, expected]);
      expect(body.ad_ids).toEqual(expected.map(({ ad_id }) => ad_id));
      expect(body).toMatchObject({
        window,
        update_time_minute: iso(at),
        receipt: { late: plainCounts(selected).late },
      });
      const sum = expected.reduce((total, { count }) => total + count, 0);
      expect(body.receipt.batch.count + body.receipt.realtime.count).toBe(sum);
    }
  }
});

test('ties break by ad id, byte by byte', async () => {
  const at = testDays();
  const ads = ['b', 'a', 'é', 'z', 'B'].map((name) => `${world.prefix}-${name}`);
  await world.clickhouse.insert({
    table: 'ads.clicks',
    format: 'JSONEachRow',
    values: [...ads, `${world.prefix}-top`, `${world.prefix}-top`].map((ad_id, i) => ({
      event_id: `${world.prefix}-tie-${i}`,
      ad_id,
      user_id: 'u',
      ip: '::1',
      country: 'USA',
      topic_offset: 10_000 + i,
      click_timestamp: iso(at),
      arrived_at: iso(Date.now()),
      topic_partition: 'api-test-0',
    })),
  });
  const { body } = await get(`${api}/v1/ads/popular_ads?at=${at + MINUTE_MS + 59_999}&count=5`);
  expect(body.ad_ids).toEqual(['top', 'B', 'a', 'b', 'z'].map((name) => `${world.prefix}-${name}`));
  expect(body.update_time_minute).toBe(iso(at + MINUTE_MS));
});

test('without ClickHouse the part in Elasticsearch is returned as partial, never as the count', async () => {
  const withoutTables = await world.serve({ stores: { ...world.stores, ...inAllPools(createClickHouse(NOWHERE)) } });
  const [from, to] = [dayStartMs(DAYS.final), BOUNDARY_MS + DAY_MS / 4];
  const { status, body } = await get(countUrl(withoutTables, `${world.prefix}/d`, { from, to }));
  const ofDay = (day: string) =>
    select(world.rows, dayStartMs(day), dayStartMs(day) + DAY_MS, {}).filter(
      ({ ad_id }) => ad_id === `${world.prefix}/d`,
    );
  expect(status).toBe(503);
  expect(body.missing).toEqual(['clickhouse']);
  expect(body.count).toBeUndefined();
  expect(body.known.parts[0]).toMatchObject({
    source: 'elasticsearch',
    from: iso(FIRST_MS),
    count: plainCounts(ofDay(DAYS.final)).batch,
  });
  expect(body.known.not_counted).toContainEqual({ from: iso(BOUNDARY_MS), to: iso(to) });
  expect((await get(`${withoutTables}/v1/ads/popular_ads`)).status).toBe(503);
  expect((await get(`${withoutTables}/v1/runs`)).body.missing).toEqual(['clickhouse']);
});

test('a missing index is replaced by ClickHouse', async () => {
  const params = { from: DAYS.closed, to: DAYS.half };
  const before = await get(countUrl(api, `${world.prefix}/a`, params));
  const index = `ad-minutes-${DAYS.closed.replaceAll('-', '.')}-rt`;
  await world.stores.elasticsearch.indices.delete({ index });
  const after = await get(countUrl(api, `${world.prefix}/a`, params));
  expect(before.body.count).toBeGreaterThan(0);
  expect(after.body.count).toBe(before.body.count);
  expect(after.body.receipt.sources).toEqual(['clickhouse']);
});
