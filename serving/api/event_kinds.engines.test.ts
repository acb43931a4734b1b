import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { EVENT_KINDS, type EventKind } from '../../domain/event_kinds.ts';
import { DAY_MS, dayOf, dayStartMs, iso, MINUTE_MS } from '../../domain/time.ts';
import { rows } from '../../infra/clients/clickhouse.ts';
import { adUrl, get } from '../../test/support/api/get.ts';
import { startWorld, type World } from '../../test/support/api/server.ts';
import {
  BOUNDARY_MS,
  countedClicks,
  DAYS,
  FIRST_MS,
  LAST_MS,
  plainCounts,
  plainTop,
  type Row,
  select,
} from '../../test/support/api/world.ts';
import { sessionsOf } from '../../test/support/sessions.ts';

/** Every question about each kind, against a count of the rows of that kind. */
let world: World;
let api = '';
beforeAll(async () => {
  world = await startWorld(inject('env'), 'kinds-test', ['impression', 'conversion']);
  api = await world.serve();
});
afterAll(() => world.stop());

const adOf = (name: string): string => `${world.prefix}/${name}`;
const urlOf = (name: string, what: string, params: Record<string, string | number>): string =>
  adUrl(api, adOf(name), what, params);
const rowsOf = (event: EventKind): Row[] => world.rowsOf.get(event) ?? [];
const ofAd = (event: EventKind, name: string): Row[] => rowsOf(event).filter(({ ad_id }) => ad_id === adOf(name));
const RANGES: [number, number][] = [
  [FIRST_MS, LAST_MS],
  [BOUNDARY_MS - 90_250, BOUNDARY_MS + 90_500],
  [dayStartMs(DAYS.restated) - 60_000, dayStartMs(DAYS.restated) + 60_000],
];

test.each(EVENT_KINDS)('the counts of each %s are a plain count of it, with and without filters', async (event) => {
  for (const [from, to] of RANGES) {
    for (const filter of [{}, { country: ['USA'] }, { user_id: ["o'user"] }]) {
      const selected = select(ofAd(event, 'a'), from, to, filter);
      const { batch, realtime, late } = plainCounts(selected);
      const params = Object.fromEntries(Object.entries(filter).map(([name, values]) => [name, values.join()]));
      const url = urlOf('a', 'aggregated_count', { event, from, to, ...params });
      const { status, body } = await get(url);
      expect([status, body], url).toMatchObject([
        200,
        { count: batch + realtime, receipt: { batch: { count: batch }, realtime: { count: realtime }, late } },
      ]);
    }
  }
});

test('kinds have different counts, and without event a question is about clicks', async () => {
  const countOf = async (params: Record<string, string>) =>
    (await get(urlOf('a', 'aggregated_count', { from: FIRST_MS, to: LAST_MS, ...params }))).body.count;
  const counts = await Promise.all(EVENT_KINDS.map((event) => countOf({ event })));
  expect(new Set(counts).size).toBe(EVENT_KINDS.length);
  expect(await countOf({})).toBe(counts[0]);
});

test.each(EVENT_KINDS)('as of now, the count of each %s is that of all that has arrived', async (event) => {
  // Everything arrived when the test filled the tables, and the ledger was written then.
  const later = await world.serve({ now: () => Date.now() + MINUTE_MS });
  const url = adUrl(later, adOf('a'), 'aggregated_count', {
    event,
    from: FIRST_MS,
    to: LAST_MS,
    as_of: iso(Date.now()),
  });
  const { batch, realtime, late } = plainCounts(ofAd(event, 'a'));
  const { status, body } = await get(url);
  expect([status, body]).toMatchObject([
    200,
    { count: batch + realtime, receipt: { batch: { count: batch }, realtime: { count: realtime }, late } },
  ]);
});

test.each(EVENT_KINDS)('series, sessions and popular ads of each %s are plain counts of it', async (event) => {
  const hours = await get(urlOf('d', 'series', { event, from: FIRST_MS, to: LAST_MS, size: 21_600 }));
  for (const { from, to, count } of hours.body.points) {
    const { batch, realtime } = plainCounts(select(ofAd(event, 'd'), Date.parse(from), Date.parse(to), {}));
    expect([from, count]).toEqual([from, batch + realtime]);
  }
  const sessions = await get(urlOf('d', 'sessions', { event, from: FIRST_MS, to: LAST_MS, gap: 5 }));
  const expected = sessionsOf(countedClicks(ofAd(event, 'd')), 5_000);
  expect(sessions.body).toMatchObject({ total: expected.length, clicks: countedClicks(ofAd(event, 'd')).length });

  const window = (LAST_MS - FIRST_MS) / MINUTE_MS;
  const top = await get(`${api}/v1/ads/popular_ads?event=${event}&at=${LAST_MS}&window=${window}&count=3`);
  expect(top.body.ads).toEqual(plainTop(rowsOf(event), 3));
  const csv = { headers: { accept: 'text/csv' } };
  const lines = (await get(urlOf('d', 'series', { event, from: FIRST_MS, to: LAST_MS, size: 21_600 }), csv)).text;
  const [first] = hours.body.points;
  expect(lines.split('\r\n')[1]).toBe([adOf('d'), first.from, first.to, first.count, first.status].join());
});

test('runs and reconciliations are those of the kind', async () => {
  const day = DAYS.final;
  for (const event of EVENT_KINDS) {
    const { body } = await get(`${api}/v1/runs?event=${event}&date=${day}`);
    const clicks = plainCounts(select(rowsOf(event), FIRST_MS, FIRST_MS + DAY_MS, {})).batch;
    expect(body.runs).toMatchObject([{ date: day, run: 1, clicks }]);
    expect((await get(`${api}/v1/reconciliations/${day}?event=${event}`)).status).toBe(404);
  }
});

test('runs are asked for of one kind, or of all that are run', async () => {
  const askedOf = async (body: Record<string, string>) => {
    const asked = { from: '2009-05-01', to: '2009-05-02', reason: 'test', ...body };
    const headers = { 'content-type': 'application/json' };
    const answer = await get(`${api}/v1/runs`, { method: 'POST', headers, body: JSON.stringify(asked) });
    expect(answer.status).toBe(202);
    const { request } = answer.body;
    const all = [world.stores, ...world.otherStores];
    const kinds = await Promise.all(
      all.map(async ({ event, clickhouse }) => {
        const query = 'SELECT from_day FROM run_requests WHERE request = {request:String}';
        return (await rows(clickhouse, query, { request })).length > 0 ? [event] : [];
      }),
    );
    // Nobody carries them out here: they must not stay open for the nightly role of this platform.
    for (const { clickhouse } of all) {
      await clickhouse.command({
        query: 'DELETE FROM run_requests WHERE request = {request:String}',
        query_params: { request },
      });
    }
    return { kinds: kinds.flat(), runs: answer.body.runs };
  };
  const all = await askedOf({});
  expect([all.kinds, all.runs]).toEqual([EVENT_KINDS, expect.stringMatching(/^\/v1\/runs\?request=[0-9a-f-]+$/)]);
  const one = await askedOf({ event: 'impression' });
  expect([one.kinds, one.runs]).toEqual([['impression'], expect.stringMatching(/&event=impression$/)]);
});

test('a kind that is not run is refused, and the answer says what is run', async () => {
  const clicksOnly = await world.serve({ otherStores: [] });
  const paths = [
    '/v1/ads/x/aggregated_count?event=impression',
    '/v1/ads/x/series?event=impression',
    '/v1/ads/x/sessions?event=conversion',
    '/v1/ads/popular_ads?event=impression',
    '/v1/runs?event=impression',
    '/v1/reconciliations/2021-01-01?event=impression',
  ];
  for (const path of paths) {
    const { status, body } = await get(clicksOnly + path);
    expect([path, status, body.detail]).toEqual([
      path,
      400,
      expect.stringMatching(/^event: expected a kind that is run: click /),
    ]);
  }
  const unknown = await get(`${api}/v1/ads/x/aggregated_count?event=view`);
  expect([unknown.status, unknown.body.detail]).toEqual([400, expect.stringMatching(/click, impression, conversion/)]);
});

test('of days before a kind was first run there is no count, and nothing is final', async () => {
  const firstRunMs = dayStartMs(DAYS.givenUp) + 3_600_000;
  const otherStores = world.otherStores.map((stores) => ({ ...stores, firstRunMs }));
  const added = await world.serve({ otherStores });
  const event = 'impression';
  const dayBefore = { warning: 'not_run', means: expect.stringMatching(/^impressions were first run at /) };
  const receipt = { status: 'not_run', batch: { count: null, runs: [] }, realtime: { count: null }, late: null };
  const [from, to] = [DAYS.final, DAYS.closed];
  for (const params of [
    { from, to },
    { from, to: DAYS.restated },
    { from, to, as_of: iso(world.now) },
  ]) {
    const { body, headers } = await get(adUrl(added, adOf('a'), 'aggregated_count', { event, ...params }));
    expect(body).toMatchObject({ count: null, receipt });
    expect(body.receipt.warnings[0]).toMatchObject({ ...dayBefore, from: iso(FIRST_MS) });
    expect(headers.get('cache-control')).toBe('public, max-age=2');
  }
  const sessions = await get(adUrl(added, adOf('a'), 'sessions', { event, from, to }));
  expect(sessions.body).toMatchObject({ total: null, users: null, clicks: null, sessions: [], receipt });
  const top = await get(`${added}/v1/ads/popular_ads?event=${event}&at=${LAST_MS}&window=8640`);
  expect(top.body).toMatchObject({ ads: [], ad_ids: [], receipt });

  const series = await get(adUrl(added, adOf('a'), 'series', { event, from, to: LAST_MS, size: 86_400 }));
  const points = series.body.points.map(({ from, count, status }: Record<string, string>) => [
    dayOf(Date.parse(from ?? '')),
    count,
    status,
  ]);
  const countOf = (day: string) => {
    const { batch, realtime } = plainCounts(select(ofAd(event, 'a'), dayStartMs(day), dayStartMs(day) + DAY_MS, {}));
    return batch + realtime;
  };
  expect(points).toEqual([
    [DAYS.final, null, 'not_run'],
    [DAYS.restated, null, 'not_run'],
    [DAYS.givenUp, countOf(DAYS.givenUp), 'provisional'],
    [DAYS.closed, countOf(DAYS.closed), 'provisional'],
    [DAYS.half, countOf(DAYS.half), 'provisional'],
    [DAYS.empty, 0, 'final'],
  ]);
  expect(series.body.receipt.status).toBe('not_run');

  // From its first day on it counts, and says that this day is not whole.
  const after = await get(adUrl(added, adOf('a'), 'aggregated_count', { event, from: DAYS.givenUp, to: LAST_MS }));
  expect(after.body.count).toBe([DAYS.givenUp, DAYS.closed, DAYS.half].reduce((sum, day) => sum + countOf(day), 0));
  expect(after.body.receipt.warnings).toMatchObject([{ warning: 'not_run_all_day', to: iso(firstRunMs) }]);
  const clicks = await get(adUrl(added, adOf('a'), 'aggregated_count', { from, to }));
  expect([clicks.body.receipt.status, clicks.body.receipt.warnings]).toEqual(['provisional', undefined]);
});

const quotient = (a: number, b: number): number | null => (b === 0 ? null : a / b);

test('the performance of an ad: each kind with its receipt, and the rates of these counts', async () => {
  for (const [from, to] of [...RANGES, [LAST_MS - DAY_MS, LAST_MS] as [number, number]]) {
    for (const country of [[], ['DEU', 'FRA']]) {
      const filter = country.length === 0 ? {} : { country };
      const params = country.length === 0 ? {} : { country: country.join() };
      const { status, body } = await get(urlOf('a', 'performance', { from, to, ...params }));
      const counts = EVENT_KINDS.map((event) => plainCounts(select(ofAd(event, 'a'), from, to, filter)));
      const [clicks, impressions, conversions] = counts.map(({ batch, realtime }) => batch + realtime) as [
        number,
        number,
        number,
      ];
      expect(status).toBe(200);
      expect(body).toMatchObject({
        impressions: { count: impressions },
        clicks: { count: clicks },
        conversions: { count: conversions },
        ctr: quotient(clicks, impressions),
        cvr: quotient(conversions, clicks),
        complete_to: iso(BOUNDARY_MS),
      });
      for (const [i, name] of ['clicks', 'impressions', 'conversions'].entries()) {
        const { batch, realtime, late } = counts[i] as (typeof counts)[number];
        expect(body[name].receipt).toMatchObject({ batch: { count: batch }, realtime: { count: realtime }, late });
      }
    }
  }
  const of = async (from: string, to: string, at = api) =>
    (await get(adUrl(at, adOf('a'), 'performance', { from, to }))).body;
  expect([(await of(DAYS.final, DAYS.restated)).status, (await of(DAYS.restated, DAYS.givenUp)).status]).toEqual([
    'final',
    'restated',
  ]);
  expect((await of(DAYS.empty, iso(LAST_MS))).ctr).toBeNull();

  const clicksOnly = await of(DAYS.final, DAYS.restated, await world.serve({ otherStores: [] }));
  expect(clicksOnly).toMatchObject({
    impressions: { count: null, receipt: { status: 'not_run', warnings: [{ warning: 'not_run' }] } },
    ctr: null,
    cvr: null,
    status: 'not_run',
    complete_to: iso(BOUNDARY_MS),
  });
  expect(clicksOnly.clicks.receipt.status).toBe('final');
});

test('performance as of a past time has the counts of that time', async () => {
  const later = await world.serve({ now: () => Date.now() + MINUTE_MS });
  const of = async (asOf: number) =>
    (await get(adUrl(later, adOf('a'), 'performance', { from: FIRST_MS, to: LAST_MS, as_of: iso(asOf) }))).body;
  const counts = EVENT_KINDS.map((event) => plainCounts(ofAd(event, 'a'))).map(
    ({ batch, realtime }) => batch + realtime,
  );
  const [clicks = 0, impressions = 0] = counts;
  expect(await of(Date.now())).toMatchObject({ clicks: { count: clicks }, ctr: clicks / impressions });
});

test.each([
  ['1h', 'Asia/Kathmandu'],
  ['1d', 'Europe/Berlin'],
  ['1d', 'UTC'],
  ['1w', 'America/New_York'],
  ['1mo', 'Pacific/Chatham'],
])('windows of %s in %s hold what a plain count holds, each with its finality', async (size, tz) => {
  const [from, to] = [FIRST_MS + 3_600_500, size === '1h' ? FIRST_MS + 3 * DAY_MS : LAST_MS];
  const { status, body } = await get(urlOf('a', 'series', { from, to, size, tz, event: 'performance' }));
  expect([status, body.size, body.tz, body.hop]).toEqual([200, size, tz, undefined]);
  expect([body.points[0].from, body.points.at(-1).to]).toEqual([iso(from), iso(to)]);
  const local = new Intl.DateTimeFormat('sv', { timeZone: tz, dateStyle: 'short', timeStyle: 'medium' });
  for (const [i, point] of body.points.entries()) {
    const [fromMs, toMs] = [Date.parse(point.from), Date.parse(point.to)];
    if (i > 0)
      expect([point.from, local.format(fromMs).slice(size === '1h' ? 14 : 11)]).toEqual([
        body.points[i - 1].to,
        size === '1h' ? '00:00' : '00:00:00',
      ]);
    const [clicks, impressions, conversions] = EVENT_KINDS.map((event) => {
      const { batch, realtime } = plainCounts(select(ofAd(event, 'a'), fromMs, toMs, {}));
      return batch + realtime;
    }) as [number, number, number];
    expect(point).toEqual({
      from: iso(fromMs),
      to: iso(toMs),
      impressions,
      clicks,
      conversions,
      ctr: quotient(clicks, impressions),
      cvr: quotient(conversions, clicks),
      status: expect.any(String),
    });
  }
  const sum = body.points.reduce((sum: number, { clicks }: { clicks: number }) => sum + clicks, 0);
  const { batch, realtime } = body.receipts.click;
  expect([sum, body.complete_to]).toEqual([batch.count + realtime.count, iso(BOUNDARY_MS)]);
});

test('a local day is final only if each UTC day that it touches is', async () => {
  const statusesOf = async (tz: string) => {
    const { body } = await get(urlOf('a', 'series', { from: FIRST_MS, to: dayStartMs(DAYS.closed), size: '1d', tz }));
    return body.points.map(({ status }: { status: string }) => status);
  };
  expect(await statusesOf('UTC')).toEqual(['final', 'restated', 'provisional']);
  // Ahead of UTC: the second local day ends before the first day without a run begins, and the third begins before.
  expect(await statusesOf('Asia/Tokyo')).toEqual(['final', 'restated', 'provisional', 'provisional']);
  expect(await statusesOf('Asia/Kathmandu')).toEqual(['final', 'restated', 'provisional', 'provisional']);
});
