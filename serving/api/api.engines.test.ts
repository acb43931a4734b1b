import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { TOPICS } from '../../domain/names.ts';
import { DAY_MS, dayStartMs, iso, MINUTE_MS, minuteOf } from '../../domain/time.ts';
import { createClickHouse } from '../../infra/clients/clickhouse.ts';
import { createElasticsearch } from '../../infra/clients/elasticsearch.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { connectHive } from '../../infra/clients/hive.ts';
import { createKafka } from '../../infra/clients/kafka.ts';
import { readConfig } from '../../infra/config.ts';
import { sha256Hex } from '../../infra/hash.ts';
import { createLog } from '../../infra/log.ts';
import { boundaryId, putVersioned } from '../indexer/state.ts';
import { createLagReader } from './operations/lag.ts';
import { createArchive } from './stores/archive/sessions.ts';
import { clear, fill } from './testing/fill.ts';
import { get } from './testing/get.ts';
import { Servers } from './testing/server.ts';
import {
  BOUNDARY_MS,
  DAYS,
  FIRST_MS,
  type Filter,
  LAST_MS,
  makeRows,
  plainCounts,
  plainTop,
  random,
  select,
} from './testing/world.ts';

const config = readConfig(inject('env'));
const urls = engineUrls(config);
const log = createLog('api-test');
log.level = 'silent';
const NOWHERE = 'http://127.0.0.1:1';
const prefix = `api-test-${randomUUID().slice(0, 8)}`;
const stateIndex = `clickledger-indexer-${prefix}`;
const next = random(20_050_301);
const rows = makeRows(prefix, next);
const clickhouse = createClickHouse(urls.clickhouse);
const elasticsearch = createElasticsearch(urls.elasticsearch);
const archive = createArchive(() => connectHive(urls.hive, log));
const admin = createKafka(urls.kafka, 'api-test', log).admin();
const readLags = createLagReader(admin, [TOPICS.clicks]);
const nobody = { clickhouse: createClickHouse(NOWHERE), elasticsearch: createElasticsearch(NOWHERE) };
const NOW = LAST_MS + 12_345;
const TOKEN = 's3cret';

const servers = new Servers(config);
const serve = (engines: Partial<typeof nobody> = {}, more: Partial<Parameters<typeof servers.serve>[0]> = {}) => {
  const stores = { clickhouse, elasticsearch, archive, stateIndex, realtimePartitions: [0, 1, 2], ...engines };
  return servers.serve({ stores, readLags, now: () => NOW, ...more });
};
function countUrl(address: string, ad: string, params: Record<string, string | number>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) query.set(name, String(value));
  return `${address}/v1/ads/${encodeURIComponent(ad)}/aggregated_count?${query}`;
}

let api = '';
let withoutSearch = '';
beforeAll(async () => {
  await clear(clickhouse, elasticsearch);
  await fill(clickhouse, elasticsearch, stateIndex, rows);
  await putVersioned(elasticsearch, stateIndex, boundaryId(2), NOW, { boundary_ms: NOW, watermark_ms: NOW });
  api = await serve();
  withoutSearch = await serve({ elasticsearch: nobody.elasticsearch });
});
afterAll(async () => {
  servers.close();
  await clear(clickhouse, elasticsearch);
  await elasticsearch.indices.delete({ index: stateIndex });
  await Promise.all([admin.disconnect(), clickhouse.close(), elasticsearch.close(), archive.close()]);
});

const FILTERS: Filter[] = [
  {},
  { country: ['USA'] },
  { country: ['DEU', 'FRA'] },
  { user_id: ["o'user"] },
  { ip: { network: '10.0.0.0/8', startsWith: '10.' } },
  { ip: { network: '10.2.0.1', startsWith: '10.2.' }, country: ['USA'] },
  { ip: { network: '2001:DB8::/32', startsWith: '2001:' }, user_id: ['user 1', 'nobody'] },
];
const asParams = ({ country, user_id, ip }: Filter) => ({
  ...(country && { country: country.join(',').toLowerCase() }),
  ...(user_id && { user_id: user_id.join(',') }),
  ...(ip && { ip: ip.network }),
});

/** Ranges with ends on, before and behind minutes, days and the boundary. */
function ranges(count: number): [number, number][] {
  const borders = [...Object.values(DAYS).map(dayStartMs), BOUNDARY_MS, LAST_MS];
  const pick = <T>(from: T[]): T => from[Math.floor(next() * from.length)] as T;
  const instant = () => pick(borders) + pick([0, 0, -MINUTE_MS, MINUTE_MS, 1, -1, 30_500, -90_250]);
  const drawn = Array.from({ length: count }, () => [instant(), instant()].sort((a, b) => a - b) as [number, number]);
  return drawn.filter(([from, to]) => from < to);
}

test('every count is the plain one, with Elasticsearch and without it', async () => {
  const ads = [...new Set(rows.map(({ ad_id }) => ad_id))];
  expect(ads).toHaveLength(4);
  const questions: [number, number][] = [
    [FIRST_MS, LAST_MS],
    [BOUNDARY_MS - 90_000, BOUNDARY_MS + 90_000],
    ...ranges(60),
  ];
  for (const [i, [from, to]] of questions.entries()) {
    const [ad, filter] = [ads[i % ads.length] as string, FILTERS[i % FILTERS.length] as Filter];
    const { batch, realtime, late } = plainCounts(select(rows, from, to, filter).filter(({ ad_id }) => ad_id === ad));
    for (const at of [api, withoutSearch]) {
      const { status, body } = await get(countUrl(at, ad, { from, to: iso(to), ...asParams(filter) }));
      const { receipt } = body;
      const got = [body.count, receipt?.batch.count, receipt?.realtime.count, receipt?.late];
      const what = `${ad} ${iso(from)} ${iso(to)} ${JSON.stringify(filter)} ${at === api ? '' : 'without search'}`;
      expect([status, ...got], what).toEqual([200, batch + realtime, batch, realtime, late]);
    }
  }
});

test('every window of a series is the plain count, and says for itself how final it is', async () => {
  const ads = [...new Set(rows.map(({ ad_id }) => ad_id))];
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
    const [ad, filter] = [ads[i % ads.length] as string, FILTERS[i % FILTERS.length] as Filter];
    const ofAd = rows.filter(({ ad_id }) => ad_id === ad);
    const params = new URLSearchParams({ from: `${from}`, to: `${to}`, ...asParams(filter) });
    const url = `${api}/v1/ads/${encodeURIComponent(ad)}/series?${params}&size=${size}&hop=${hop}`;
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

test('the receipt says what the answer rests on', async () => {
  const ad = `${prefix}/a`;
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
    ...{ status: 'final', sources: ['elasticsearch'], realtime: { count: 0, from: null, to: null } },
  });
  expect(await status(DAYS.final, DAYS.givenUp)).toMatchObject({ status: 'restated' });
  expect(await status(DAYS.closed, DAYS.half)).toMatchObject({
    ...{ status: 'provisional', sources: ['elasticsearch'], batch: { count: 0, from: null, to: null, runs: [] } },
  });
  expect(await status(DAYS.empty, iso(LAST_MS))).toMatchObject({ status: 'final', late: 0 });
  expect(await status(DAYS.empty, '2150-06-01')).toMatchObject({ status: 'provisional' });
});

test('without from and to, the last minute is meant', async () => {
  const { body } = await get(`${api}/v1/ads/x/aggregated_count`);
  expect(body).toMatchObject({ ad_id: 'x', count: 0, receipt: { status: 'provisional' } });
  expect(body.receipt.realtime.to).toBe(iso(NOW));
});

test('popular ads are exact, and equal counts are in the order of their ids', async () => {
  for (const [i, [from, to]] of [[FIRST_MS, LAST_MS] as [number, number], ...ranges(25)].entries()) {
    const [at, filter] = [minuteOf(to), FILTERS[i % FILTERS.length] as Filter];
    const window = Math.ceil((at - from) / MINUTE_MS) || 1;
    const selected = select(rows, at - window * MINUTE_MS, at, filter);
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
  const at = dayStartMs('2005-07-01');
  const ads = ['b', 'a', 'é', 'z', 'B'].map((name) => `${prefix}-${name}`);
  await clickhouse.insert({
    table: 'ads.clicks',
    format: 'JSONEachRow',
    values: [...ads, `${prefix}-top`, `${prefix}-top`].map((ad_id, i) => ({
      ...{ event_id: `${prefix}-tie-${i}`, ad_id, user_id: 'u', ip: '::1', country: 'USA', topic_offset: 10_000 + i },
      ...{ click_timestamp: iso(at), arrived_at: iso(Date.now()), topic_partition: 'api-test-0' },
    })),
  });
  const { body } = await get(`${api}/v1/ads/popular_ads?at=${at + MINUTE_MS + 59_999}&count=5`);
  expect(body.ad_ids).toEqual(['top', 'B', 'a', 'b', 'z'].map((name) => `${prefix}-${name}`));
  expect(body.update_time_minute).toBe(iso(at + MINUTE_MS));
});

const AD = '/v1/ads/x/aggregated_count';
test.each<[path: string, parameter: string, detail: RegExp]>([
  [`${AD}?form=1`, 'form', /only from, to, country/],
  [`${AD}?from=1&from=2`, 'from', /once/],
  [`${AD}?from=yesterday`, 'from', /ISO 8601 with a zone.*got "yesterday"/],
  [`${AD}?from=2021-01-01T00:00:00`, 'from', /zone/],
  [`${AD}?from=2021-02-30`, 'from', /ISO 8601/],
  [`${AD}?from=`, 'from', /ISO 8601/],
  [`${AD}?from=-1`, 'from', /ISO 8601/],
  [`${AD}?from=2021-01-02&to=2021-01-01`, 'from', /before "to"/],
  [`${AD}?from=2021-01-01&to=2021-01-01T01:00:00%2B01:00`, 'from', /before "to"/],
  [`${AD}?from=2021-01-01&to=2021-01-01T01:00:00+01:00`, 'from', /before "to"/],
  [`${AD}?country=DE1`, 'country', /2 or 3 letters/],
  [`${AD}?country=DE,,FR`, 'country', /2 or 3 letters/],
  [`${AD}?ip=10.0.0.0/33`, 'ip', /network/],
  [`${AD}?ip=10.0.0.1' OR 1=1`, 'ip', /network/],
  [`${AD}?user_id=`, 'user_id', /user id/],
  [`${AD}?user_id=a%00b`, 'user_id', /user id/],
  [`${AD}?filter=7`, 'filter', /id of a registered filter/],
  [`${AD}?as_of=2150-01-01`, 'as_of', /not after/],
  ['/v1/ads/popular_ads?as_of=2021-01-01', 'as_of', /only count, window, at/],
  [`/v1/ads/${'x'.repeat(128)}/aggregated_count`, 'ad_id', /1 to 127 bytes/],
  ['/v1/ads/popular_ads?count=0', 'count', /from 1 to 1000/],
  ['/v1/ads/popular_ads?count=1001', 'count', /from 1 to 1000/],
  ['/v1/ads/popular_ads?window=43201', 'window', /from 1 to 43200/],
  ['/v1/ads/popular_ads?window=1.5', 'window', /whole number/],
  ['/v1/ads/popular_ads?from=1', 'from', /only count, window, at/],
  ['/v1/ads/x/series?size=0', 'size', /from 1 to/],
  ['/v1/ads/x/series?size=60&hop=61', 'hop', /at most the size, 60/],
  ['/v1/ads/x/series?from=2021-01-01&to=2021-01-02&size=10', 'hop', /at least 44 for this range.*at most 2000 points/],
  [
    '/v1/ads/x/series?from=2021-01-01&to=2021-02-01&size=3601&hop=3600',
    'size',
    /multiple, like hop, of a number from 27 on/,
  ],
  ['/v1/runs?date=2021-13-01', 'date', /UTC day/],
  ['/v1/status?verbose=1', 'verbose', /no parameters/],
])('GET %s is refused for %s', async (path, parameter, detail) => {
  const { status, type, body } = await get(api + path);
  expect([status, type, body.status]).toEqual([400, 'application/problem+json; charset=utf-8', 400]);
  expect(body.type).toMatch(/^urn:/);
  expect(body.parameters).toEqual([expect.objectContaining({ parameter })]);
  expect(body.detail).toMatch(detail);
});

test.each<[string, RequestInit, number]>([
  ['/v2/ads', {}, 404],
  ['/v1/ads/a/b/aggregated_count', {}, 404],
  [`/v1/ads/%ZZ/aggregated_count`, {}, 400],
  [AD, { method: 'DELETE' }, 405],
])('%s is a problem too', async (path, init, expected) => {
  const { status, type, body } = await get(api + path, init);
  expect([status, type, body.status]).toEqual([expected, 'application/problem+json; charset=utf-8', expected]);
});

test('with tokens, one of them is needed for everything under /v1', async () => {
  const secured = await serve({}, { tokens: [{ name: 't', role: 'reader', sha256: sha256Hex(TOKEN) }] });
  const ask = async (authorization?: string) =>
    (await get(`${secured}/v1/runs`, authorization === undefined ? {} : { headers: { authorization } })).status;
  expect([await ask(), await ask('Bearer wrong'), await ask(`Basic ${TOKEN}`)]).toEqual([401, 401, 401]);
  expect(await ask(`Bearer ${TOKEN}`)).toBe(200);
  expect((await get(`${secured}/healthz`)).status).toBe(200);
});

test.each<[string, string, unknown, number]>([
  ['a reader', 'reader', { from: '2021-01-01', to: '2021-01-02', reason: 'x' }, 403],
  ['a day that has not ended', 'admin', { from: '2021-01-01', to: '2999-01-01', reason: 'x' }, 400],
  ['a day that is none', 'admin', { from: '2021-02-30', to: '2021-03-02', reason: 'x' }, 400],
  ['days the wrong way round', 'admin', { from: '2021-01-02', to: '2021-01-02', reason: 'x' }, 400],
  ['no reason', 'admin', { from: '2021-01-01', to: '2021-01-02' }, 400],
  ['a member that is unknown', 'admin', { from: '2021-01-01', to: '2021-01-02', reason: 'x', force: true }, 400],
])('runs are refused for %s', async (_, role, asked, expected) => {
  const known = { name: 't', role: role as 'reader' | 'admin', sha256: sha256Hex(TOKEN) };
  const url = `${await serve({}, { tokens: [known] })}/v1/runs`;
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const { status, type } = await get(url, { method: 'POST', headers, body: JSON.stringify(asked) });
  expect([status, type]).toEqual([expected, 'application/problem+json; charset=utf-8']);
});

test.each<[string, string, string, number]>([
  ['what does not say that it is JSON', 'text/plain', '{}', 415],
  ['what is not JSON', 'application/json', '{', 400],
  ['what is too long', 'application/json', JSON.stringify({ reason: 'x'.repeat(20_000) }), 413],
])('runs are refused for %s', async (_, content, body, expected) => {
  const answer = await get(`${api}/v1/runs`, { method: 'POST', headers: { 'content-type': content }, body });
  expect([answer.status, answer.body.status]).toEqual([expected, expected]);
});

test.each([
  ['2005-13-01', 400],
  [DAYS.final, 404],
])('the reconciliation of %s, which there is none of, is a problem', async (date, expected) => {
  expect((await get(`${api}/v1/reconciliations/${date}`)).status).toBe(expected);
});

test('without ClickHouse the part in Elasticsearch is named as that, never as the count', async () => {
  const withoutTables = await serve({ clickhouse: nobody.clickhouse });
  const [from, to] = [dayStartMs(DAYS.final), BOUNDARY_MS + DAY_MS / 4];
  const { status, body } = await get(countUrl(withoutTables, `${prefix}/d`, { from, to }));
  const ofDay = (day: string) =>
    select(rows, dayStartMs(day), dayStartMs(day) + DAY_MS, {}).filter(({ ad_id }) => ad_id === `${prefix}/d`);
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

test('status, runs, readiness and metrics', async () => {
  const { body: status } = await get(`${api}/v1/status`);
  expect(status).toMatchObject({ watermark: iso(BOUNDARY_MS + 5_000), boundary: iso(BOUNDARY_MS) });
  expect(status.freshness_seconds).toBeCloseTo((NOW - BOUNDARY_MS - 5_000 - 2_000) / 1_000, 2);
  expect(status.lag).toEqual({
    clicks: { 'realtime-sink': expect.any(Number), archive: expect.any(Number) },
    'ad-minutes': { indexer: expect.any(Number) },
    'ad-tops': { 'indexer-tops': expect.any(Number) },
  });
  expect(status.last_run).toMatchObject({ run: expect.any(Number) });

  const { body } = await get(`${api}/v1/runs?date=${DAYS.restated}`);
  expect(body.runs).toHaveLength(2);
  expect(body.runs[0]).toMatchObject({ date: DAYS.restated, run: 2, state: 'published', reason: 'test' });
  expect(body.runs[1]).toMatchObject({ run: 1, state: 'superseded' });

  expect((await get(`${api}/readyz`)).status).toBe(200);
  const unready = await get(`${await serve(nobody)}/readyz`);
  expect([unready.status, unready.body.missing]).toEqual([503, ['elasticsearch', 'clickhouse']]);
  const unknown = await serve(
    {},
    { stores: { clickhouse, elasticsearch, archive, stateIndex, realtimePartitions: [0, 1, 2, 3] } },
  );
  expect((await get(`${unknown}/readyz`)).body.missing).toEqual(['boundary']);

  const { body: metrics } = await get(`${api}/metrics`);
  expect(metrics).toMatch(/clickledger_api_request_seconds_count\{route="\/v1\/runs",status="200"\} 1/);
});

test('an index that went away is made good for from ClickHouse', async () => {
  const params = { from: DAYS.closed, to: DAYS.half };
  const before = await get(countUrl(api, `${prefix}/a`, params));
  const index = `ad-minutes-${DAYS.closed.replaceAll('-', '.')}-rt`;
  await elasticsearch.indices.delete({ index });
  const after = await get(countUrl(api, `${prefix}/a`, params));
  expect(before.body.count).toBeGreaterThan(0);
  expect(after.body.count).toBe(before.body.count);
  expect(after.body.receipt.sources).toEqual(['clickhouse']);
});
