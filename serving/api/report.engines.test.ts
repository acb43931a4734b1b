import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { EVENT_KINDS, type EventKind, PLURAL } from '../../domain/event_kinds.ts';
import { databaseOf } from '../../domain/names.ts';
import { DAY_MS, dayOf, dayStartMs, iso, MINUTE_MS } from '../../domain/time.ts';
import { rows as rowsOfQuery } from '../../infra/clients/clickhouse.ts';
import { sha256Hex } from '../../infra/hash.ts';
import { sql } from '../../infra/sql.ts';
import { bearer, get } from '../../test/support/api/get.ts';
import { startWorld, type World } from '../../test/support/api/server.ts';
import {
  BOUNDARY_MS,
  countedClicks,
  DAYS,
  FIRST_MS,
  LAST_MS,
  plainCounts,
  type Row,
  RUNS,
  seededRandom,
  select,
  type WorldFilter,
} from '../../test/support/api/world.ts';

let world: World;
let api = '';
beforeAll(async () => {
  world = await startWorld(inject('env'), 'report-test', ['impression', 'conversion']);
  api = await world.serve({
    tokens: [
      { name: 'ui', role: 'reader', sha256: sha256Hex('ui-secret') },
      { name: 'shop', role: 'advertiser', sha256: sha256Hex('shop-secret'), adPrefixes: [`${world.prefix}/a`] },
      { name: 'other', role: 'advertiser', sha256: sha256Hex('other-secret'), adPrefixes: [`${world.prefix}/d`] },
    ],
  });
});
afterAll(() => world.stop());

type Params = Record<string, string | number>;
const ask = (path: string, params: Params, init: RequestInit = bearer('ui-secret'), at = api) =>
  get(
    `${at}${path}?${new URLSearchParams(Object.entries(params).map(([name, value]): [string, string] => [name, String(value)]))}`,
    init,
  );
const report = (params: Params, init?: RequestInit, at?: string) => ask('/v1/report', params, init, at);

const METRICS = ['impressions', 'clicks', 'conversions', 'ctr', 'cvr'] as const;
type Metric = (typeof METRICS)[number];
type Values = Record<Metric, number | null>;
type PlainRow = Values & { keys: string[] };

/** How much of an instant each unit of time shows, on the clocks of a zone. */
const SHOWN: Record<string, number> = { minute: 16, hour: 13, day: 10, month: 7 };
const clocks = new Map<string, Intl.DateTimeFormat>();
function shown(ms: number, zone: string): string {
  const clock =
    clocks.get(zone) ?? new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  clocks.set(zone, clock);
  return clock.format(ms).replace(' ', 'T');
}
/** Monday of the week of a date. */
function monday(date: string): string {
  const ms = Date.parse(`${date}T00:00:00Z`);
  return dayOf(ms - ((new Date(ms).getUTCDay() + 6) % 7) * DAY_MS);
}
function keyOf(row: Row, dimension: string, zone: string): string {
  if (dimension === 'ad') return row.ad_id;
  if (dimension === 'country') return row.country;
  const local = shown(row.ms, zone);
  return dimension === 'week' ? monday(local.slice(0, 10)) : local.slice(0, SHOWN[dimension]);
}
/** The key by which a row of an answer is found among those. */
function keyOfAnswer(row: Record<string, string>, dimension: string): string {
  if (dimension === 'ad') return row.ad_id ?? '';
  const text = row[dimension] ?? '';
  return dimension === 'country' ? text : text.slice(0, dimension === 'week' ? 10 : SHOWN[dimension]);
}

const quotient = (a: number, b: number): number | null => (b === 0 ? null : a / b);
function valuesOf(rows: Map<EventKind, Row[]>): Values {
  const count = (event: EventKind) => rows.get(event)?.length ?? 0;
  const [clicks, impressions, conversions] = EVENT_KINDS.map(count) as [number, number, number];
  return { impressions, clicks, conversions, ctr: quotient(clicks, impressions), cvr: quotient(conversions, clicks) };
}

const counted = (event: EventKind, from: number, to: number, filter: WorldFilter): Row[] =>
  countedClicks(select(world.rowsOf.get(event) ?? [], from, to, filter));

function plainReport(
  from: number,
  to: number,
  filter: WorldFilter,
  by: string[],
  zone: string,
  ads?: readonly string[],
): PlainRow[] {
  const groups = new Map<string, { keys: string[]; rows: Map<EventKind, Row[]> }>();
  for (const event of EVENT_KINDS) {
    for (const row of counted(event, from, to, filter)) {
      if (ads?.includes(row.ad_id) === false) continue;
      const keys = by.map((dimension) => keyOf(row, dimension, zone));
      const group = groups.get(keys.join('\n')) ?? { keys, rows: new Map() };
      group.rows.set(event, [...(group.rows.get(event) ?? []), row]);
      groups.set(keys.join('\n'), group);
    }
  }
  return [...groups.values()].map(({ keys, rows }) => ({ keys, ...valuesOf(rows) }));
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const compareKeys = (a: PlainRow, b: PlainRow): number =>
  a.keys.map((key, i) => byBytes(key, b.keys[i] ?? '')).find((order) => order !== 0) ?? 0;
function ordered(rows: PlainRow[], metric: Metric, isDescending: boolean): PlainRow[] {
  return [...rows].sort((a, b) => {
    const [left, right] = [a[metric], b[metric]];
    if (left === null || right === null) return left === right ? compareKeys(a, b) : left === null ? 1 : -1;
    return (isDescending ? right - left : left - right) || compareKeys(a, b);
  });
}

const next = seededRandom(27);
const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
const BYS = [
  'ad',
  'country',
  'minute',
  'hour',
  'day',
  'week',
  'month',
  'ad,country',
  'day,ad',
  'country,hour',
  'ad,week',
  'day,hour',
];
/** Whose clocks do not change: an hour that comes twice would be one in the plain count. */
const STEADY = ['UTC', 'Asia/Kathmandu', 'Pacific/Marquesas', 'Asia/Tokyo'];
const ZONES = [...STEADY, 'Europe/Berlin', 'America/St_Johns', 'Pacific/Chatham'];
const FILTERS: [Params, WorldFilter][] = [
  [{}, {}],
  [{ country: 'USA,DEU' }, { country: ['USA', 'DEU'] }],
  [{ user_id: "o'user" }, { user_id: ["o'user"] }],
  [
    { ip: '10.0.0.0/8', country: 'FRA' },
    { ip: { network: '10.0.0.0/8', startsWith: '10.' }, country: ['FRA'] },
  ],
];
const BORDERS = [...Object.values(DAYS).map(dayStartMs), BOUNDARY_MS, LAST_MS];
function range(): [number, number] {
  const instant = () => pick(BORDERS) + pick([0, 0, -MINUTE_MS, 3_600_000, 1_000, -30_500]);
  const [from = 0, to = 0] = [instant(), instant()].sort((a, b) => a - b);
  return from < to ? [from, to] : [FIRST_MS, LAST_MS];
}

test('every report equals a plain count, by any keys, filter, zone, order and range', {
  timeout: 300_000,
}, async () => {
  for (let i = 0; i < 48; i++) {
    const [by, tz, [params, filter]] = [
      BYS[i % BYS.length] as string,
      pick(/hour|minute/.test(BYS[i % BYS.length] as string) ? STEADY : ZONES),
      FILTERS[i % FILTERS.length] as (typeof FILTERS)[0],
    ];
    const [from, to] = i < BYS.length ? [FIRST_MS, LAST_MS] : range();
    const [metric, isDescending] = [pick(METRICS), next() < 0.5];
    const asked = { by, from, to: iso(to), tz, ...params, order: `${isDescending ? '-' : ''}${metric}`, limit: 10_000 };
    const what = JSON.stringify(asked);
    const dimensions = by.split(',');
    const { status, body } = await report(asked);
    expect([status, body.by, body.metrics], what).toEqual([200, dimensions, METRICS]);
    const expected = ordered(plainReport(from, to, filter, dimensions, tz), metric, isDescending);
    const got = body.rows.map((row: Record<string, string>) => {
      const { impressions, clicks, conversions, ctr, cvr } = row;
      return {
        keys: dimensions.map((dimension) => keyOfAnswer(row, dimension)),
        impressions,
        clicks,
        conversions,
        ctr,
        cvr,
      };
    });
    expect(got, what).toEqual(expected);
    const all = new Map(EVENT_KINDS.map((event) => [event, counted(event, from, to, filter)]));
    expect([body.rows_in_all, body.total], what).toEqual([expected.length, valuesOf(all)]);
    for (const event of EVENT_KINDS) {
      const { batch, realtime, late } = plainCounts(select(world.rowsOf.get(event) ?? [], from, to, filter));
      expect(body.receipts[event], what).toMatchObject({
        batch: { count: batch },
        realtime: { count: realtime },
        late,
      });
    }
  }
});

test('times are the instants at which units begin, with the offset of the zone and no fraction', async () => {
  const firstOf = async (by: string, tz?: string) =>
    (await report({ by, from: FIRST_MS, to: LAST_MS, order: 'key', limit: 1, ...(tz && { tz }) })).body.rows[0][by];
  expect(await firstOf('day')).toBe(`${DAYS.final}T00:00:00Z`);
  expect(await firstOf('day', 'UTC')).toBe(`${DAYS.final}T00:00:00Z`);
  expect(await firstOf('day', 'Asia/Kathmandu')).toBe(`${DAYS.final}T00:00:00+05:45`);
  expect(await firstOf('hour', 'Asia/Kathmandu')).toBe(`${DAYS.final}T05:00:00+05:45`);
  expect(await firstOf('minute', 'Asia/Kathmandu')).toMatch(/T05:4[5-9]:00\+05:45$/);
});

test('without keys there is the total alone', async () => {
  const { body } = await report({ from: DAYS.final, to: DAYS.restated, metrics: 'ctr,clicks' });
  const all = new Map(EVENT_KINDS.map((event) => [event, counted(event, FIRST_MS, FIRST_MS + DAY_MS, {})]));
  const { ctr, clicks } = valuesOf(all);
  expect(body).toMatchObject({ by: [], metrics: ['ctr', 'clicks'], rows: [], rows_in_all: 0, total: { ctr, clicks } });
  expect(Object.keys(body.total)).toEqual(['ctr', 'clicks']);
  expect([Object.keys(body.receipts), body.status, body.complete_to]).toEqual([
    ['click', 'impression'],
    'final',
    iso(BOUNDARY_MS),
  ]);
});

test('a row exists if a count behind its metrics does', async () => {
  const { body } = await report({ by: 'minute', metrics: 'conversions', from: FIRST_MS, to: LAST_MS, limit: 10_000 });
  const minutes = new Set(counted('conversion', FIRST_MS, LAST_MS, {}).map(({ ms }) => Math.floor(ms / MINUTE_MS)));
  expect([body.rows.length, body.rows_in_all]).toEqual([minutes.size, minutes.size]);
  expect(body.rows.every((row: object) => Object.keys(row).join() === 'minute,conversions')).toBe(true);
});

test('whole UTC days of runs are read from the rollup', async () => {
  const text = sql('clickhouse/report/run_days.sql')
    .replace('{database}', databaseOf('click'))
    .replace('{key1}', 'ad_id')
    .replace('{key2}', "''")
    .replace('{ads}', '')
    .replace('{countries}', '')
    .replaceAll('{part_runs:Array(Tuple(Date, UInt32))}', `[('${DAYS.final}', ${RUNS[DAYS.final]?.run})]`);
  const explained = await rowsOfQuery<{ explain: string }>(world.clickhouse, `EXPLAIN ${text}`);
  expect(explained.map(({ explain }) => explain).join('\n')).toMatch(/ReadFromMergeTree \(by_day\)/);
});

test('a report of some ads is a plain count of these, with the receipts of their events', async () => {
  const names = ['a', 'c%2F'].map((name) => `${world.prefix}/${name}`);
  for (const [ads, filter, params] of [
    [names.slice(0, 1), {}, {}],
    [names, {}, {}],
    [names, { country: ['USA', 'DEU'] }, { country: 'USA,DEU' }],
    [names.slice(1), { user_id: ["o'user"] }, { user_id: "o'user" }],
  ] as [string[], WorldFilter, Params][]) {
    for (const [by, from, to] of [
      ['country', FIRST_MS, LAST_MS],
      ['ad,day', FIRST_MS, LAST_MS],
      ['country', dayStartMs(DAYS.restated) - 30_500, BOUNDARY_MS + 1_000],
    ] as const) {
      const asked = { by, ad: ads.join(), from, to: iso(to), order: '-clicks', limit: 10_000, ...params };
      const what = JSON.stringify(asked);
      const { status, body } = await report(asked);
      const dimensions = by.split(',');
      const got = body.rows.map((row: Record<string, string>) => ({
        keys: dimensions.map((dimension) => keyOfAnswer(row, dimension)),
        ...Object.fromEntries(METRICS.map((metric) => [metric, row[metric]])),
      }));
      const expected = ordered(plainReport(from, to, filter, dimensions, 'UTC', ads), 'clicks', true);
      expect([status, got], what).toEqual([200, expected]);
      for (const event of EVENT_KINDS) {
        const rows = select(world.rowsOf.get(event) ?? [], from, to, filter).filter(({ ad_id }) => ads.includes(ad_id));
        const { batch, realtime, late } = plainCounts(rows);
        const { receipts } = body;
        expect(receipts[event], what).toMatchObject({ batch: { count: batch }, realtime: { count: realtime }, late });
        expect(body.total[PLURAL[event]], what).toBe(batch + realtime);
      }
    }
  }
  const nobody = (await report({ by: 'country', ad: `${names[0]}\\, x`, from: FIRST_MS, to: LAST_MS })).body;
  expect([nobody.rows, nobody.total.clicks]).toEqual([[], 0]);
});

test('a report of some ads and another page of it: an advertiser names its own ads only', async () => {
  const [own, others] = ['a', 'd'].map((name) => `${world.prefix}/${name}`) as [string, string];
  const asked = { by: 'ad', from: FIRST_MS, to: LAST_MS };
  const { body } = await report({ ...asked, ad: own }, bearer('shop-secret'));
  expect(body.rows.map(({ ad_id }: { ad_id: string }) => ad_id)).toEqual([own]);
  const refused = await report({ ...asked, ad: `${own},${others}` }, bearer('shop-secret'));
  expect([refused.status, refused.body.detail]).toEqual([403, expect.stringContaining('for ads that begin with')]);
  const { snapshot } = (await report({ ...asked, ad: own })).body;
  expect((await report({ snapshot, ad: own })).body.total).toEqual(body.total);
  expect((await report({ snapshot, ad: others })).status).toBe(400);
});

test('an advertiser has a report of its own ads, and no snapshot of others', async () => {
  const asked = { by: 'ad', from: FIRST_MS, to: LAST_MS };
  const shop = await report(asked, bearer('shop-secret'));
  expect(shop.body.rows.map(({ ad_id }: { ad_id: string }) => ad_id)).toEqual([`${world.prefix}/a`]);
  const own = (event: EventKind) =>
    counted(event, FIRST_MS, LAST_MS, {}).filter(({ ad_id }) => ad_id === `${world.prefix}/a`);
  expect(shop.body.total).toEqual(valuesOf(new Map(EVENT_KINDS.map((event) => [event, own(event)]))));
  const { snapshot } = (await report(asked)).body;
  for (const [token, snap] of [
    ['shop-secret', snapshot],
    ['other-secret', shop.body.snapshot],
    ['ui-secret', shop.body.snapshot],
  ]) {
    expect((await report({ snapshot: snap }, bearer(token))).status).toBe(410);
  }
  expect((await report({ snapshot: shop.body.snapshot }, bearer('shop-secret'))).body.rows).toEqual(shop.body.rows);
  expect((await report({ ...asked, filter: 7 }, bearer('shop-secret'))).status).toBe(403);
});

test('as of now a report is the same, from what had arrived', async () => {
  const later = await world.serve({ now: () => Date.now() + MINUTE_MS });
  const asked = { by: 'day,country', from: FIRST_MS, to: LAST_MS, order: 'key' };
  const { body } = await report({ ...asked, as_of: iso(Date.now()) }, {}, later);
  const plain = plainReport(FIRST_MS, LAST_MS, {}, ['day', 'country'], 'UTC');
  expect(body.rows.map((row: Record<string, string>) => row.clicks)).toEqual(
    [...plain].sort(compareKeys).map(({ clicks }) => clicks),
  );
  expect(body.receipts.click.as_of).toBeDefined();
});

test('a report is CSV for clients that prefer it', async () => {
  const init = { headers: { accept: 'text/csv', authorization: 'Bearer ui-secret' } };
  const asked = { by: 'day,ad', from: FIRST_MS, to: LAST_MS, metrics: 'clicks,ctr', order: 'key', limit: 3 };
  const { rows } = (await report(asked)).body;
  const lines = rows.map(
    ({ day, ad_id, clicks, ctr }: Record<string, string>) => `${day},${ad_id},${clicks},${ctr ?? ''}\r\n`,
  );
  expect((await report(asked, init)).text).toBe(['day,ad_id,clicks,ctr\r\n', ...lines].join(''));
  const { total } = (await report({ ...asked, by: '' })).body;
  expect((await report({ ...asked, by: '' }, init)).text).toBe(`clicks,ctr\r\n${total.clicks},${total.ctr}\r\n`);
});

test('before a kind was first run its counts are null, and rows of it stay last', async () => {
  const firstRunMs = dayStartMs(DAYS.closed) + 1_000;
  const otherStores = world.otherStores.map((stores) =>
    stores.event === 'impression' ? { ...stores, firstRunMs } : stores,
  );
  const added = await world.serve({ otherStores });
  const asked = { from: FIRST_MS, to: LAST_MS };
  const days = (await report({ ...asked, by: 'day', order: 'impressions' }, {}, added)).body;
  const isKnown = (row: { day?: string | null }) => Date.parse(row.day ?? '') >= dayStartMs(DAYS.closed);
  expect(days.rows.map((row: Record<string, string | null>) => row.impressions !== null)).toEqual(
    days.rows.map(isKnown),
  );
  expect(days.rows.filter(isKnown)).toHaveLength(2);
  expect(days.rows.every((row: Values & { day: string }) => isKnown(row) === (row.ctr !== null))).toBe(true);
  expect(days.total).toMatchObject({
    impressions: null,
    ctr: null,
    clicks: counted('click', FIRST_MS, LAST_MS, {}).length,
  });
  expect(days).toMatchObject({ status: 'not_run', receipts: { impression: { status: 'not_run' } } });
  expect(days.receipts.impression.warnings[0].warning).toBe('not_run');
  const ads = (await report({ ...asked, by: 'ad' }, {}, added)).body;
  expect(ads.rows.map(({ impressions }: Values) => impressions)).toEqual([null, null, null, null]);
});

test.each<[Params, string, RegExp]>([
  [
    { by: 'ad,country,day' },
    'by',
    /none or up to 2 of ad, campaign, advertiser, country, minute, hour, day, week, month/,
  ],
  [{ by: 'ad,ad' }, 'by', /up to 2 of/],
  [{ by: 'city' }, 'by', /ad, campaign, advertiser, country/],
  [{ metrics: 'cpm' }, 'metrics', /some of impressions, clicks, conversions, ctr, cvr/],
  [{ order: 'spend' }, 'order', /one of impressions, .*cvr or key/],
  [{ tz: 'Mars/Olympus' }, 'tz', /IANA database/],
  [{ limit: 10_001 }, 'limit', /from 1 to 10000/],
  [{ snapshot: 'x' }, 'snapshot', /the snapshot of an answer/],
  [
    { by: 'hour,ad', from: '2020-01-01', to: '2021-01-01' },
    'from',
    /2020-09-23T00:00:00.000Z \(100 days.*1100 by whole days of UTC/,
  ],
  [{ by: 'day', tz: 'Asia/Tokyo', from: '2020-01-01', to: '2021-01-01' }, 'from', /100 days are read/],
  [{ by: 'minute', from: '2020-01-01', to: '2020-03-01' }, 'from', /34 days.*at most 50000 units of time/],
  [{ by: 'ad', from: '2000-01-01', to: '2020-03-01' }, 'from', /1100 days/],
  [{ by: 'ad', user_id: 'u,v,w', from: '2020-01-01', to: '2021-01-01' }, 'from', /100 days.*too many raw rows/],
])('a report of %j is refused for %s', async (params, parameter, detail) => {
  const { status, body } = await report(params);
  expect([status, body.parameters?.[0].parameter]).toEqual([400, parameter]);
  expect(body.detail).toMatch(detail);
});

test('metrics of kinds that are not run are refused, and left out if none are named', async () => {
  const clicksOnly = await world.serve({ otherStores: [] });
  const { status, body } = await report({ metrics: 'ctr' }, {}, clicksOnly);
  expect([status, body.detail]).toEqual([400, expect.stringMatching(/kinds that are run \(EVENT_KINDS\): clicks,/)]);
  const whole = (await report({ by: 'ad', from: FIRST_MS, to: LAST_MS }, {}, clicksOnly)).body;
  expect([whole.metrics, Object.keys(whole.receipts)]).toEqual([['clicks'], ['click']]);
  expect((await ask('/v1/ads/popular_ads', { order: 'ctr' }, {}, clicksOnly)).status).toBe(400);
});

test('popular ads by any metric are exact, with all counts, and ties by id', async () => {
  const window = (LAST_MS - FIRST_MS) / MINUTE_MS;
  const plain = plainReport(FIRST_MS, LAST_MS, {}, ['ad'], 'UTC');
  const least = plain.map(({ impressions }) => impressions ?? 0).sort((a, b) => a - b)[1] ?? 0;
  for (const order of METRICS) {
    for (const min_impressions of [0, least]) {
      const { status, body } = await ask('/v1/ads/popular_ads', {
        at: LAST_MS,
        window,
        order,
        min_impressions,
        event: 'impression',
        count: 3,
      });
      const kept = plain.filter(({ impressions }) => (impressions ?? 0) >= min_impressions);
      const expected = ordered(kept, order, true).slice(0, 3);
      expect([status, body.ads]).toEqual([
        200,
        expected.map(({ keys: [ad_id], ...values }) => ({ ad_id, count: values.impressions, ...values })),
      ]);
      expect(body.receipt).toEqual(body.receipts.impression);
      for (const event of EVENT_KINDS) {
        const { batch, realtime } = body.receipts[event];
        const sum = expected.reduce((sum, row) => sum + (row[PLURAL[event]] ?? 0), 0);
        expect(batch.count + realtime.count).toBe(sum);
      }
    }
  }
  // A minute in which an ad has clicks and no impressions: no rate, so it is left out.
  const [found] = counted('click', FIRST_MS, LAST_MS, {}).flatMap(({ ad_id, ms }) => {
    const minute = Math.floor(ms / MINUTE_MS) * MINUTE_MS;
    const shown = counted('impression', minute, minute + MINUTE_MS, {}).filter((row) => row.ad_id === ad_id);
    return shown.length === 0 ? [{ ad_id, at: minute + MINUTE_MS }] : [];
  });
  if (found === undefined) throw new Error('each ad of the world has impressions in each minute of its clicks');
  const adsBy = async (order: string): Promise<string[]> => {
    const { body } = await ask('/v1/ads/popular_ads', { at: found.at, order, count: 100 });
    return body.ads.map(({ ad_id }: { ad_id: string }) => ad_id);
  };
  expect(await adsBy('ctr')).not.toContain(found.ad_id);
  expect(await adsBy('clicks')).toContain(found.ad_id);
  const csv = { headers: { accept: 'text/csv', authorization: 'Bearer ui-secret' } };
  const { text } = await ask('/v1/ads/popular_ads', { at: LAST_MS, window, order: 'ctr' }, csv);
  expect(text.split('\r\n')[0]).toBe('ad_id,count,impressions,clicks,conversions,ctr,cvr,from,to,status');
});

// The last one: it adds clicks.
test('pages of a snapshot add up to its total, whatever comes meanwhile; asked anew, it is counted', async () => {
  const asked = { by: 'minute,ad', from: DAYS.closed, to: LAST_MS };
  const first = (await report({ ...asked, limit: 40, order: '-ctr' })).body;
  const { snapshot } = first;
  const at = iso(dayStartMs(DAYS.half) + 1_000);
  const more = Array.from({ length: 5 }, (_, i) => ({
    event_id: `${world.prefix}-more-${i}`,
    ad_id: `${world.prefix}/a`,
    user_id: 'u',
    ip: '::1',
    country: 'USA',
    topic_offset: 20_000 + i,
    click_timestamp: at,
    arrived_at: iso(Date.now()),
    topic_partition: 'api-test-0',
  }));
  await world.clickhouse.insert({ table: 'ads.clicks', format: 'JSONEachRow', values: more });
  const pages = [first];
  for (let offset = 40; offset < first.rows_in_all; offset += 500) {
    pages.push((await report({ ...asked, limit: 500, offset, order: '-ctr', snapshot })).body);
  }
  for (const { total, rows_in_all, receipts } of pages) {
    expect([total, rows_in_all, receipts]).toEqual([first.total, first.rows_in_all, first.receipts]);
  }
  const rows = pages.flatMap(({ rows }) => rows);
  expect(new Set(rows.map(({ minute, ad_id }) => `${minute} ${ad_id}`)).size).toBe(first.rows_in_all);
  for (const name of ['impressions', 'clicks', 'conversions']) {
    expect([name, rows.reduce((sum, row) => sum + row[name], 0)]).toEqual([name, first.total[name]]);
  }
  expect(pages.slice(1).map(({ snapshot }) => snapshot)).toEqual(pages.slice(1).map(() => snapshot));
  // Another order and fewer metrics are of the same state; what follows from the question may be left out.
  const { body } = await report({ snapshot, order: 'key', metrics: 'clicks', limit: 1 });
  expect([body.by, body.total]).toEqual([['minute', 'ad'], { clicks: first.total.clicks }]);
  const anew = (await report(asked)).body;
  expect(anew.total.clicks).toBe(first.total.clicks + 5);
  const other = await report({ ...asked, by: 'ad', snapshot });
  expect([other.status, other.body.detail]).toEqual([400, expect.stringMatching(/^by: expected "minute,ad", as in/)]);
  const gone = await report({ snapshot: '00000000-0000-4000-8000-000000000000' });
  expect([gone.status, gone.body.detail]).toEqual([410, expect.stringMatching(/kept for an hour/)]);
});
