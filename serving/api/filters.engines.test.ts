import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { both, type Filter, matches } from '../../domain/filters/filter.ts';
import { filterOf, type Where } from '../../domain/filters/registered_filter.ts';
import { dayStartMs, iso, MINUTE_MS, minuteOf } from '../../domain/time.ts';
import { createClickHouse, rows as query } from '../../infra/clients/clickhouse.ts';
import { createElasticsearch } from '../../infra/clients/elasticsearch.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { connectHive } from '../../infra/clients/hive.ts';
import { readConfig } from '../../infra/config.ts';
import { sha256Hex } from '../../infra/hash.ts';
import { createLog } from '../../infra/log.ts';
import { clear, fillWorld } from '../../test/support/api/fill.ts';
import { NOWHERE, Servers, storesOfClicks } from '../../test/support/api/server.ts';
import {
  BOUNDARY_MS,
  DAYS,
  FIRST_MS,
  LAST_MS,
  makeRows,
  plainCounts,
  plainTop,
  seededRandom,
} from '../../test/support/api/world.ts';
import { boundaryId, putVersioned } from '../documents/state.ts';
import { createTurns } from './questions/turns.ts';
import { createArchive } from './stores/hive_sessions.ts';

const config = readConfig(inject('env'));
const urls = engineUrls(config);
const log = createLog('filters-test');
log.level = 'silent';
const clickhouse = createClickHouse(urls.clickhouse);
const elasticsearch = createElasticsearch(urls.elasticsearch);
const archive = createArchive(() => connectHive(urls.hive, log));
const nobody = createElasticsearch(NOWHERE);
const prefix = `filters-test-${randomUUID().slice(0, 8)}`;
const stateIndex = `clickledger-indexer-${prefix}`;
const ad = `${prefix}/a`;

/** Values that would have an effect if they were not bound as parameters. */
const HOSTILE = [
  "u' OR '1'='1",
  "u\\' OR 1=1 --",
  '"}}}{"match_all":{}}',
  "'] OR 1 --",
  '\\',
  "'",
  '%',
  '{filter:String}',
  '$(id)`',
  "u'}); DROP TABLE ads.filters",
  "user 1\\'",
];

/** Some of the clicks are by such users; duplicates stay duplicates. */
const rows = makeRows(prefix, seededRandom(20_130_301)).map((row) => {
  const n = Number(row.event_id.split('-').at(-1));
  return n % 7 === 0 ? { ...row, user_id: HOSTILE[(n / 7) % HOSTILE.length] as string } : row;
});
const ofAd = rows.filter(({ ad_id }) => ad_id === ad);

/** Ids that no earlier run of the test has used. */
const FIRST_ID = 1_000_000 + Math.floor(Math.random() * 2_000_000_000);
const WHERES: Where[] = [
  {},
  { country: ['USA'] },
  { not: { country: ['USA'] } },
  { country: ['DEU', 'USA'], not: { country: ['DEU', 'FRA'] } },
  { country: ['XX'] },
  { ip: ['10.0.0.0/8'] },
  { ip: ['10.1.0.0/16', '2001:db8::/32'], not: { ip: ['10.1.0.1/32'] } },
  { not: { ip: ['2001:db8::7/128', '10.2.0.0/24'] } },
  { ip: ['::/0'] },
  { ip: ['0.0.0.0/0'], not: { country: ['DEU'] } },
  { user_id: ["o'user", ...HOSTILE.slice(0, 3)] },
  { not: { user_id: ['user 1', HOSTILE[1] as string, HOSTILE[4] as string] } },
  { country: ['FRA', 'USA'], ip: ['10.0.0.0/9'], not: { user_id: HOSTILE } },
];

const servers = new Servers(config);
const stores = storesOfClicks({ clickhouse, elasticsearch, archive }, stateIndex, [0, 1, 2]);
const serve = (more: Partial<Parameters<typeof servers.serve>[0]> = {}): Promise<string> =>
  servers.serve({ stores, now: () => LAST_MS + 12_345, ...more });

// biome-ignore lint/suspicious/noExplicitAny: bodies are what is being checked
type Answer = { status: number; body: any };
async function send(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}
const put = (id: number | string, body: unknown, headers: Record<string, string> = {}, at = api): Promise<Answer> =>
  send(`${at}/v1/filters/${id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const remove = (id: number | string): Promise<Answer> => send(`${api}/v1/filters/${id}`, { method: 'DELETE' });

type Params = Record<string, string | number>;
const search = (params: Params): string =>
  new URLSearchParams(
    Object.entries(params).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
const count = (at: string, params: Params): Promise<Answer> =>
  send(`${at}/v1/ads/${encodeURIComponent(ad)}/aggregated_count?${search(params)}`);

function asParams({ not = {}, ...values }: Where): Params {
  const lists: Record<string, string[] | undefined> = { ...values };
  for (const [field, excluded] of Object.entries(not)) lists[`not_${field}`] = excluded;
  return Object.fromEntries(Object.entries(lists).flatMap(([name, list]) => (list ? [[name, list.join(',')]] : [])));
}

let api = '';
let withoutSearch = '';
beforeAll(async () => {
  // The days of testing/world.ts: test files run one after the other, each starting and ending with these days empty.
  await clear(clickhouse, elasticsearch);
  await fillWorld(clickhouse, elasticsearch, stateIndex, rows);
  const closed = { boundary_ms: LAST_MS, watermark_ms: LAST_MS };
  await putVersioned(elasticsearch, stateIndex, boundaryId(2), LAST_MS, closed);
  api = await serve();
  withoutSearch = await serve({ stores: { ...stores, elasticsearch: nobody } });
  for (const [i, where] of WHERES.entries()) await put(FIRST_ID + i, { name: `filter ${i}`, where });
});
afterAll(async () => {
  for (const i of WHERES.keys()) await remove(FIRST_ID + i);
  servers.close();
  await clear(clickhouse, elasticsearch);
  await elasticsearch.indices.delete({ index: stateIndex });
  await Promise.all([clickhouse.close(), elasticsearch.close(), nobody.close(), archive.close()]);
});

/** Each filter as registered, as parameters, and combined with another. */
const ASKED: [what: string, params: Params, filter: Filter][] = WHERES.flatMap((where, i) => {
  const other = WHERES[(i * 5 + 3) % WHERES.length] as Where;
  const [id, named] = [FIRST_ID + i, JSON.stringify(where)];
  return [
    [`registered ${named}`, { filter: id }, filterOf(where)],
    [`given ${named}`, asParams(where), filterOf(where)],
    [
      `${named} and ${JSON.stringify(other)}`,
      { filter: id, ...asParams(other) },
      both(filterOf(where), filterOf(other)),
    ],
  ] as [string, Params, Filter][];
});
const RANGES: [number, number][] = [
  [FIRST_MS, LAST_MS],
  [BOUNDARY_MS - 90_250, BOUNDARY_MS + 90_500],
  [dayStartMs(DAYS.restated) - 60_000, dayStartMs(DAYS.closed) + 30_500],
];
const within = (from: number, to: number, filter: Filter, of = ofAd) =>
  of.filter((row) => row.ms >= from && row.ms < to && matches(filter, row));

test.each(ASKED)('the count of %s equals a plain count', async (_, params, filter) => {
  for (const [from, to] of RANGES) {
    const { batch, realtime, late } = plainCounts(within(from, to, filter));
    for (const at of [api, withoutSearch]) {
      const { status, body } = await count(at, { from, to, ...params });
      const got = [body.count, body.receipt?.batch.count, body.receipt?.realtime.count, body.receipt?.late];
      expect([status, ...got], iso(from)).toEqual([200, batch + realtime, batch, realtime, late]);
    }
  }
});

test('questions asked at the same moment each get their own answer', async () => {
  const ads = [...new Set(rows.map(({ ad_id }) => ad_id))];
  const [from, to] = RANGES[1] as [number, number];
  const asked = ASKED.flatMap(([what, params, filter], i) =>
    // The same conditions for several ads and start times, so that some are batched.
    ads.flatMap((adId) => [from, from + 1_000 * (i % 40)].map((begin) => ({ what, adId, params, filter, begin }))),
  );
  // More at once than a caller may have.
  const unlimited = createTurns({ perCaller: asked.length, inAll: asked.length });
  const turns = { slow: unlimited, quick: unlimited };
  const at = await serve({ stores: { ...stores, elasticsearch: nobody }, turns });
  const answers = await Promise.all(
    asked.map(({ adId, params, begin }) => {
      const query = search({ from: begin, to, ...params });
      return send(`${at}/v1/ads/${encodeURIComponent(adId)}/aggregated_count?${query}`);
    }),
  );
  for (const [i, { what, adId, filter, begin }] of asked.entries()) {
    const ofThis = rows.filter(({ ad_id }) => ad_id === adId);
    const { batch, realtime } = plainCounts(within(begin, to, filter, ofThis));
    expect([answers[i]?.status, answers[i]?.body.count], `${what} of ${adId}`).toEqual([200, batch + realtime]);
  }
});

test.each(ASKED)('popular ads and series of %s equal plain counts', async (_, params, filter) => {
  for (const [from, to] of RANGES) {
    const [at, window] = [minuteOf(to), Math.ceil((minuteOf(to) - from) / MINUTE_MS)];
    const popular = await send(`${api}/v1/ads/popular_ads?${search({ at: to, window, ...params })}`);
    const selected = within(at - window * MINUTE_MS, at, filter, rows);
    expect(popular.body.ads).toEqual(plainTop(selected, 100));
    expect(popular.body.receipt.late).toBe(plainCounts(selected).late);

    const sizes = { size: to - from > 86_400_000 ? 43_200 : 60 };
    const series = await send(
      `${api}/v1/ads/${encodeURIComponent(ad)}/series?${search({ from, to, ...sizes, ...params })}`,
    );
    for (const point of series.body.points) {
      const { batch, realtime } = plainCounts(within(Date.parse(point.from), Date.parse(point.to), filter));
      expect([point.from, point.count]).toEqual([point.from, batch + realtime]);
    }
  }
});

test('if no click can match, the count is 0, and the receipt that of the range', async () => {
  const range = { from: FIRST_MS, to: LAST_MS };
  const { receipt } = (await count(api, range)).body;
  const { body } = await count(api, { ...range, filter: FIRST_ID + 1, country: 'DEU' });
  expect(body).toMatchObject({ count: 0, receipt: { late: 0, sources: [], status: receipt.status } });
  expect(body.receipt.batch).toEqual({ ...receipt.batch, count: 0 });
  expect(body.receipt.realtime).toEqual({ ...receipt.realtime, count: 0 });
});

test.each(HOSTILE)('%s is plain text in every parameter and in registered filters', async (text) => {
  const range = { from: FIRST_MS, to: LAST_MS };
  const plain = (where: Where) => {
    const { batch, realtime } = plainCounts(within(FIRST_MS, LAST_MS, filterOf(where)));
    return batch + realtime;
  };
  expect(plain({ user_id: [text] })).toBeGreaterThan(0);
  expect((await count(api, { ...range, user_id: text })).body.count).toBe(plain({ user_id: [text] }));
  expect((await count(api, { ...range, not_user_id: text })).body.count).toBe(plain({ not: { user_id: [text] } }));
  for (const name of ['country', 'ip', 'not_country', 'not_ip', 'filter']) {
    const { status, body } = await count(api, { ...range, [name]: text });
    expect([status, body.parameters[0].parameter]).toEqual([400, name]);
  }
  const id = FIRST_ID + 50;
  const { body } = await put(id, { name: text, where: { user_id: [text] } });
  expect(body).toMatchObject({ name: text, where: { user_id: [text] } });
  expect((await send(`${api}/v1/filters/${id}`)).body).toEqual(body);
  expect((await count(api, { ...range, filter: id })).body.count).toBe(plain({ user_id: [text] }));
  expect((await remove(id)).status).toBe(204);
  expect((await put(id, { name: 'n', where: { country: [text] } })).status).toBe(400);
  expect((await put(encodeURIComponent(text), { name: 'n', where: {} })).status).toBe(400);
});

test('a filter is created, kept, changed, deleted and created again, each a revision', async () => {
  const id = FIRST_ID + 60;
  const where = { country: ['usa', 'DEU', 'USA'], not: { ip: ['10.1.2.3/8'] } };
  const kept = { id, name: 'one', where: { country: ['DEU', 'USA'], not: { ip: ['10.0.0.0/8'] } } };
  const since = iso(LAST_MS + 12_345);
  expect((await send(`${api}/v1/filters/${id}`)).status).toBe(404);
  expect((await remove(id)).status).toBe(404);
  const created = await put(id, { name: 'one', where });
  expect(created).toEqual({ status: 201, body: { ...kept, revision: 1, since } });
  expect(await put(id, { name: 'one', where: kept.where })).toEqual({ ...created, status: 200 });
  expect((await put(id, { name: 'two', where })).body).toEqual({ ...kept, name: 'two', revision: 2, since });
  const listed = (await send(`${api}/v1/filters`)).body.filters;
  expect(listed[0]).toEqual({ id: 0, name: 'all clicks', where: {}, revision: 0, since: null });
  expect(listed).toContainEqual({ ...kept, name: 'two', revision: 2, since });
  expect((await remove(id)).status).toBe(204);
  expect((await send(`${api}/v1/filters/${id}`)).status).toBe(404);
  const gone = await count(api, { filter: id });
  expect([gone.status, gone.body.detail]).toEqual([400, expect.stringMatching(/^filter: .*registered filter.*got/)]);
  expect(await put(id, { name: 'two', where })).toMatchObject({ status: 201, body: { revision: 4 } });
  await remove(id);
});

test('a question may name the revision that it means, whatever became of the filter', async () => {
  const id = FIRST_ID + 65;
  const [first, second]: [Where, Where] = [{ country: ['USA'] }, { ip: ['10.0.0.0/8'] }];
  for (const where of [first, second]) await put(id, { name: 'billed', where });
  const range = { from: FIRST_MS, to: LAST_MS };
  const countOf = async (where: Where) => (await count(api, { ...range, ...asParams(where) })).body.count;
  const pinned = (revision: number, at = api) => count(at, { ...range, filter: id, filter_revision: revision });
  const [ofFirst, ofSecond] = [await countOf(first), await countOf(second)];
  expect(ofFirst).not.toBe(ofSecond);
  expect((await count(api, { ...range, filter: id })).body.count).toBe(ofSecond);
  for (const at of [api, withoutSearch]) {
    expect([(await pinned(1, at)).body.count, (await pinned(2, at)).body.count]).toEqual([ofFirst, ofSecond]);
  }
  await remove(id);
  expect((await pinned(1)).body.count).toBe(ofFirst);
  // The third one says that there is no filter any more.
  for (const revision of [3, 4]) {
    expect((await pinned(revision)).body.parameters).toEqual([
      { parameter: 'filter_revision', expected: `a revision that defined filter ${id}`, got: String(revision) },
    ]);
  }
});

test('when several clients change a filter at the same time, each gets its own revision', async () => {
  const id = FIRST_ID + 70;
  const names = Array.from({ length: 6 }, (_, i) => `writer ${i}`);
  const answers = await Promise.all(names.map((name) => put(id, { name, where: { country: ['USA'] } })));
  expect(answers.map(({ body }) => body.revision).sort()).toEqual([1, 2, 3, 4, 5, 6]);
  const stored = await query<{ revision: number; name: string }>(
    clickhouse,
    'SELECT revision, name FROM ads.filters WHERE filter_id = {id:UInt32} ORDER BY revision',
    { id },
  );
  const told = answers.map(({ body }) => ({ revision: body.revision, name: body.name }));
  expect(stored).toEqual(told.sort((a, b) => a.revision - b.revision));
  expect((await send(`${api}/v1/filters/${id}`)).body).toMatchObject(stored.at(-1) as object);
  await remove(id);
});

test('all clicks cannot be changed, readers can only read, and unknown tokens nothing', async () => {
  const body = { name: 'n', where: {} };
  expect((await send(`${api}/v1/filters/0`)).body).toMatchObject({ id: 0, name: 'all clicks' });
  expect((await put(0, body)).body.parameters[0]).toMatchObject({
    parameter: 'id',
    expected: expect.stringMatching(/from 1 to/),
  });
  expect((await remove(0)).status).toBe(400);
  expect((await put(2 ** 31, body)).status).toBe(400);
  expect((await put(1, body, { 'content-type': 'text/plain' })).status).toBe(415);
  expect((await send(`${api}/v1/filters/1`, { method: 'POST' })).status).toBe(405);

  const secured = await serve({ tokens: [{ name: 't', role: 'reader', sha256: sha256Hex('s3cret') }] });
  const headers = { authorization: 'Bearer s3cret' };
  expect((await send(`${secured}/v1/filters`, { headers })).status).toBe(200);
  expect((await put(FIRST_ID + 80, body, headers, secured)).status).toBe(403);
  expect((await send(`${secured}/v1/filters/${FIRST_ID}`, { method: 'DELETE', headers })).status).toBe(403);
  expect((await put(FIRST_ID + 80, body, {}, secured)).status).toBe(401);
  expect((await send(`${api}/v1/filters/${FIRST_ID + 80}`)).status).toBe(404);
});
