import { mkdtempSync, rmSync } from 'node:fs';
import { get as httpGet } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { DAY_MS, dayStartMs, iso } from '../../domain/time.ts';
import { fileRegister } from '../../infra/register/file_register.ts';
import { openFindings, reportFinding } from '../../infra/register/findings.ts';
import { adUrl, get } from '../../test/support/api/get.ts';
import { startWorld, type World } from '../../test/support/api/server.ts';
import {
  BOUNDARY_MS,
  countedClicks,
  DAYS,
  FIRST_MS,
  LAST_MS,
  plainCounts,
  select,
} from '../../test/support/api/world.ts';
import { sessionsOf } from '../../test/support/sessions.ts';
import { eventually } from '../../test/support/wait.ts';

let world: World;
let api = '';
beforeAll(async () => {
  world = await startWorld(inject('env'), 'surface-test');
  api = await world.serve();
});
afterAll(() => world.stop());

const urlOf = (name: string, what: string, params: Record<string, string | number>): string =>
  adUrl(api, `${world.prefix}/${name}`, what, params);
const ofAd = (name: string) => world.rows.filter(({ ad_id }) => ad_id === `${world.prefix}/${name}`);

test.each<[ad: string, gap: number, fromMs: number, toMs: number, filter: { country?: string[]; user_id?: string[] }]>([
  ['a', 1_800, FIRST_MS, LAST_MS, {}],
  ['b ü', 5, FIRST_MS, LAST_MS, {}],
  ['d', 1, FIRST_MS, LAST_MS, {}],
  ['a', 60, dayStartMs(DAYS.restated) - 180_000, dayStartMs(DAYS.restated) + 180_000, {}],
  ['a', 60, dayStartMs(DAYS.givenUp) - 180_000, dayStartMs(DAYS.givenUp) + 180_000, {}],
  ['c%2F', 20, BOUNDARY_MS - 90_500, BOUNDARY_MS + 90_250, { country: ['DEU', 'USA'] }],
  ['d', 20, FIRST_MS, LAST_MS, { user_id: ["o'user"] }],
  ['none', 20, FIRST_MS, LAST_MS, {}],
])('sessions of %s with a gap of %i s are those of the counted clicks', async (ad, gap, from, to, filter) => {
  const selected = select(ofAd(ad), from, to, filter);
  const expected = sessionsOf(countedClicks(selected), gap * 1_000);
  const params = Object.fromEntries(Object.entries(filter).map(([name, values]) => [name, values.join(',')]));
  const { status, body } = await get(urlOf(ad, 'sessions', { from, to, gap, limit: 1_000, ...params }));
  expect(status).toBe(200);
  expect(body.sessions).toEqual(
    expected
      .slice(0, 1_000)
      .map(({ user_id, fromMs, toMs, clicks }) => ({ user_id, from: iso(fromMs), to: iso(toMs), clicks })),
  );
  const { batch, realtime, late } = plainCounts(selected);
  const seconds = expected.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0) / 1_000;
  expect(body).toMatchObject({
    gap,
    total: expected.length,
    clicks: batch + realtime,
    users: new Set(expected.map(({ user_id }) => user_id)).size,
    receipt: { batch: { count: batch }, realtime: { count: realtime }, late },
  });
  expect(body.mean_clicks).toEqual(expected.length === 0 ? null : (batch + realtime) / expected.length);
  if (expected.length > 0) expect(body.mean_seconds).toBeCloseTo(seconds / expected.length, 6);
});

test('a session continues over midnight, from a day of a run into one of real time', async () => {
  const midnight = dayStartMs(DAYS.givenUp);
  const { body } = await get(urlOf('a', 'sessions', { from: midnight - 180_000, to: midnight + 180_000, gap: 60 }));
  const over = body.sessions.filter(
    ({ from, to }: { from: string; to: string }) => from < iso(midnight) && to >= iso(midnight),
  );
  expect(over.length).toBeGreaterThan(0);
  expect(body.receipt).toMatchObject({ status: 'provisional', batch: { to: iso(midnight) } });
});

test('pages of sessions form one list', async () => {
  const asked = { from: FIRST_MS, to: LAST_MS, gap: 5 };
  const { body: whole } = await get(urlOf('a', 'sessions', { ...asked, limit: 1_000 }));
  const pages = [];
  for (let offset = 0; offset < whole.total; offset += 70) {
    pages.push(...(await get(urlOf('a', 'sessions', { ...asked, limit: 70, offset }))).body.sessions);
  }
  expect(whole.total).toBeGreaterThan(140);
  expect(pages.slice(0, 1_000)).toEqual(whole.sessions);
  expect((await get(urlOf('a', 'sessions', { ...asked, offset: 99_999 }))).body).toMatchObject({
    total: whole.total,
    sessions: [],
  });
});

test('a final answer is asked for again each time and not sent twice, a provisional one may be kept for seconds', async () => {
  const final = urlOf('a', 'aggregated_count', { from: DAYS.final, to: DAYS.restated });
  const { status, headers, body } = await get(final);
  expect([status, body.receipt.status, headers.get('cache-control')]).toEqual([200, 'final', 'public, no-cache']);
  const etag = headers.get('etag') ?? '';
  const again = await get(final, { headers: { 'if-none-match': etag } });
  expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
  const restated = await get(urlOf('a', 'aggregated_count', { from: DAYS.final, to: DAYS.givenUp }), {
    headers: { 'if-none-match': etag },
  });
  expect([restated.status, restated.body.receipt.status]).toEqual([200, 'restated']);

  const open = await get(urlOf('a', 'series', { from: DAYS.closed, to: DAYS.half, size: 3_600 }));
  expect([open.body.receipt.status, open.headers.get('cache-control')]).toEqual(['provisional', 'public, max-age=2']);
  expect((await get(`${api}/v1/status`)).headers.get('cache-control')).toBe('no-cache');
  expect((await get(`${api}/v1/runs?date=x`)).headers.get('cache-control')).toBe('no-store');
});

test('an open finding is a warning in every receipt of its range, also of an answer that a client had kept', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'surface-register-'));
  const register = fileRegister(folder);
  // Read for each question, so that nothing is waited for here; stores/cached_read.ts has its own tests.
  const warned = await world.serve({ readFindings: () => openFindings(register) });
  const ad = `${world.prefix}/a`;
  const [from, to] = [iso(dayStartMs(DAYS.final)), iso(dayStartMs(DAYS.restated))];
  const urls = [
    adUrl(warned, ad, 'aggregated_count', { from, to }),
    adUrl(warned, ad, 'aggregated_count', { from, to, as_of: iso(world.now) }),
    adUrl(warned, ad, 'series', { from, to, size: 3_600 }),
    adUrl(warned, ad, 'sessions', { from, to, gap: 60 }),
    `${warned}/v1/ads/popular_ads?at=${to}&window=1440`,
  ];
  const before = await Promise.all(urls.map((url) => get(url)));
  for (const { status, body } of before) expect([status, body.receipt.warnings]).toEqual([200, undefined]);

  const range = { from: iso(Date.parse(to) - 1), to: iso(Date.parse(to) + DAY_MS) };
  const finding = { code: 'offsets_went_back', what: 'clicks are missing', mend: 'run this', found_at: iso(world.now) };
  await reportFinding(register, 'clicks-0', { ...finding, range });
  for (const [i, url] of urls.entries()) {
    const { status, body, headers } = await get(url, {
      headers: { 'if-none-match': before[i]?.headers.get('etag') ?? '' },
    });
    expect([status, body.receipt.warnings, headers.get('cache-control')]).toEqual([
      200,
      [{ warning: 'offsets_went_back', means: 'clicks are missing', ...range }],
      body.receipt.status === 'final' ? 'public, no-cache' : 'public, max-age=2',
    ]);
  }
  const earlier = adUrl(warned, ad, 'aggregated_count', { from, to: range.from });
  expect((await get(earlier)).body.receipt.warnings).toBeUndefined();
  rmSync(folder, { recursive: true });
});

test('series and popular ads are CSV for clients that prefer it', async () => {
  const csv = { headers: { accept: 'text/csv' } };
  const series = urlOf('b ü', 'series', { from: DAYS.final, to: DAYS.restated, size: 21_600 });
  const [asCsv, asJson] = [await get(series, csv), await get(series)];
  expect(asCsv.type).toBe('text/csv; header=present; charset=utf-8');
  const lines = asJson.body.points.map(
    ({ from, to, count, status }: Record<string, string>) => `${world.prefix}/b ü,${from},${to},${count},${status}`,
  );
  expect(asCsv.text).toBe(['ad_id,from,to,count,status', ...lines, ''].join('\r\n'));
  expect(asCsv.headers.get('etag')).not.toBe(asJson.headers.get('etag'));
  expect(asCsv.headers.get('vary')).toContain('Accept');

  const popular = `${api}/v1/ads/popular_ads?at=${LAST_MS}&window=1440`;
  const [top, topJson] = [await get(popular, csv), await get(popular)];
  const rows = topJson.body.ads.map(({ ad_id, count }: Record<string, string>) => {
    return `${ad_id},${count},${iso(LAST_MS - DAY_MS)},${iso(LAST_MS)},${topJson.body.receipt.status}`;
  });
  expect(top.text).toBe(['ad_id,count,from,to,status', ...rows, ''].join('\r\n'));
  expect((await get(series, { headers: { accept: 'text/csv;q=0.5, application/json' } })).type).toMatch(/json/);
  expect((await get(`${api}/v1/status`, csv)).type).toMatch(/json/);
});

test('long answers are compressed for clients that accept it', async () => {
  const url = urlOf('a', 'series', { from: DAYS.final, to: DAYS.restated, size: 60 });
  const encodingOf = (accept: string) =>
    new Promise((resolve, reject) => {
      const asked = httpGet(url, { headers: { 'accept-encoding': accept } }, (response) => {
        response.resume().once('end', () => resolve(response.headers['content-encoding']));
      });
      asked.once('error', reject);
    });
  expect([await encodingOf('gzip'), await encodingOf('identity')]).toEqual(['gzip', undefined]);
});

test.each<[path: string, detail: RegExp]>([
  [
    '/v1/ads/x/aggregated_count?from=1970-01-01&to=2005-03-07&user_id=u',
    /from: expected a time not before 1999-09-15.*2000 days/,
  ],
  ['/v1/ads/x/sessions?from=1990-01-01&to=2005-03-07', /not before 1994-03-25/],
  [
    '/v1/ads/x/series?from=2000-01-01T00:00:30Z&to=2005-03-07&size=86400&country=DE,FR,IT',
    /1000 days.*at most 1 values/,
  ],
  [
    `/v1/ads/popular_ads?window=43200&at=2005-03-07&user_id=${Array(20).fill('u')}`,
    /window: expected a window of at most 27360 minutes, or at most 12 values/,
  ],
])('GET %s would read too much, and the answer says what would be allowed', async (path, detail) => {
  const { status, body } = await get(api + path);
  expect([status, body.status]).toEqual([400, 400]);
  expect(body.detail).toMatch(detail);
});

test('stored minutes are cheap: any range of them is answered', async () => {
  const { status, body } = await get(`${api}/v1/ads/x/aggregated_count?from=0&to=9000-01-01&country=DE`);
  expect([status, body]).toMatchObject([200, { count: 0 }]);
});

test('security headers are set', async () => {
  const { headers } = await get(`${api}/v1/status`);
  expect(headers.get('content-security-policy')).toMatch(/default-src 'self'/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-powered-by')).toBeNull();
});

test('the documentation needs no other host', async () => {
  const page = await fetch(`${api}/docs`);
  const html = await page.text();
  const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
  expect(files).toContain('/docs/swagger-ui-bundle.js');
  for (const path of files) {
    const file = await fetch(new URL(path, api));
    expect([path, file.status]).toEqual([path, 200]);
    if (path.endsWith('start.js')) expect(await file.text()).toContain("url: '/openapi.json'");
    else expect((await file.arrayBuffer()).byteLength).toBeGreaterThan(500);
  }
  expect(html).not.toMatch(/https?:/);
});

test('a filter is tried on the clicks of the last minutes, as they came', async () => {
  const nowMs = dayStartMs(DAYS.closed) + 180_000;
  const address = await world.serve({ now: () => nowMs });
  const post = (body: unknown) =>
    get(`${address}/v1/filters/try`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const all = world.rows.filter(({ ms }) => ms >= nowMs - 360_000 && ms < nowMs);
  const matching = all.filter(({ country, user_id }) => country === 'DEU' && user_id !== 'user 1');
  const ofAds = new Map<string, number>();
  for (const { ad_id } of matching) ofAds.set(ad_id, (ofAds.get(ad_id) ?? 0) + 1);
  const ads = [...ofAds]
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([ad_id, count]) => ({ ad_id, count }));
  const where = { country: ['deu'], not: { user_id: ['user 1'] } };
  const { status, body } = await post({ where, minutes: 6 });
  expect(matching.length).toBeGreaterThan(0);
  expect([status, body]).toEqual([
    200,
    { minutes: 6, from: iso(nowMs - 360_000), to: iso(nowMs), clicks: matching.length, of: all.length, ads },
  ]);
  expect((await post({ where: { country: ['XX'] }, minutes: 6 })).body).toMatchObject({
    clicks: 0,
    of: all.length,
    ads: [],
  });
  expect((await post({ where, minutes: 61 })).body.parameters).toEqual([
    expect.objectContaining({ parameter: 'minutes' }),
  ]);
});

test('a final answer that a client had kept does not outlive a rollback', async () => {
  const url = urlOf('d', 'aggregated_count', { from: DAYS.final, to: DAYS.restated });
  const kept = await get(url);
  expect(kept.body.receipt).toMatchObject({ status: 'final', batch: { runs: [{ date: DAYS.final, run: 1 }] } });
  const headers = { 'if-none-match': kept.headers.get('etag') ?? '' };
  expect((await get(url, { headers })).status).toBe(304);
  const time = iso(Date.now());
  const rolledBack = { date: DAYS.final, seq: 3, run: 0, cut: {}, clicks: 0, state: 'published', inputs: '{}' };
  const facts = { reason: 'test', requested_by: 'test', started_at: time, finished_at: time, recorded_at: time };
  await world.clickhouse.insert({ table: 'ads.ledger', values: [{ ...rolledBack, ...facts }], format: 'JSONEachRow' });
  const now = await eventually(
    'the ledger has been read again',
    async () => {
      const answer = await get(url, { headers });
      return answer.status === 200 && answer;
    },
    5_000,
  );
  expect(now.body.receipt).toMatchObject({ status: 'provisional', batch: { count: 0, runs: [] } });
  // A cache may not answer for the API: it has to ask.
  expect(kept.headers.get('cache-control')).toBe('public, no-cache');
});
