import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { databaseOf } from '../../domain/names.ts';
import { DAY_MS, dayOf, dayStartMs, HOUR_MS, iso, MINUTE_MS, minuteOf, SECOND_MS } from '../../domain/time.ts';
import { rows as rowsOfQuery } from '../../infra/clients/clickhouse.ts';
import { sha256Hex } from '../../infra/hash.ts';
import { sql } from '../../infra/sql.ts';
import { bearer, get } from '../../test/support/api/get.ts';
import { startWorld, type World } from '../../test/support/api/server.ts';
import { countedClicks, DAYS, FIRST_MS, LAST_MS, type Row, RUNS, select } from '../../test/support/api/world.ts';
import { adsText, type NamesPlan, namesParams, sameNamesText } from './questions/report_names.ts';

let world: World;
let api = '';
/** An API that goes by the tests' own clock, which is that of the rows' arrival. */
let live = '';
let nowMs = 0;
const AUDIT = join(String(inject('env').DATA_DIR), 'audit-of-ads');
const TOKENS = [
  { name: 'ops', role: 'admin' as const, sha256: sha256Hex('ops-secret') },
  { name: 'ui', role: 'reader' as const, sha256: sha256Hex('ui-secret') },
];
beforeAll(async () => {
  world = await startWorld(inject('env'), 'ads-test', ['impression', 'conversion']);
  const shop = { name: 'shop', role: 'advertiser' as const, sha256: sha256Hex('shop-secret') };
  const tokens = [...TOKENS, { ...shop, adPrefixes: [`${world.prefix}/a`, `${world.prefix}/c`] }];
  api = await world.serve({ tokens, auditFolder: AUDIT });
  nowMs = Date.now() + MINUTE_MS;
  live = await world.serve({ now: () => nowMs });
});
afterAll(() => world.stop());

const ad = (name: string): string => `${world.prefix}/${name}`;
const put = (body: unknown, { at = api, token = 'ops-secret' } = {}) =>
  get(`${at}/v1/ads`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const putCsv = (body: string | Uint8Array<ArrayBuffer>) =>
  get(`${api}/v1/ads`, {
    method: 'PUT',
    headers: { authorization: 'Bearer ops-secret', 'content-type': 'text/csv; charset=utf-8' },
    body,
  });
type Params = Record<string, string | number>;
const ask = (path: string, params: Params, token = 'ui-secret', at = api) => {
  const query = new URLSearchParams(
    Object.entries(params).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return get(`${at}${path}?${query}`, bearer(token));
};
const list = async (params: Params, token?: string) => (await ask('/v1/ads', params, token)).body.ads;
const namesOf = async (name: string) => (await list({ prefix: ad(name) }))[0];

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

test('ads are listed by the bytes of their ids, with the minutes of their first and last counted events', async () => {
  await put([{ ad_id: ad('z é'), name: 'without events' }]);
  const counted = [...world.rowsOf.values()].flatMap((rows) => countedClicks(rows));
  const expected = [...new Set([...counted.map(({ ad_id }) => ad_id), ad('z é')])].sort(byBytes).map((ad_id) => {
    const minutes = counted.filter((row) => row.ad_id === ad_id).map(({ ms }) => minuteOf(ms));
    const has = minutes.length > 0;
    return { ad_id, first: has ? iso(Math.min(...minutes)) : null, last: has ? iso(Math.max(...minutes)) : null };
  });
  const ads: Record<string, string>[] = await list({ prefix: `${world.prefix}/` });
  expect(ads.map(({ ad_id, first, last }) => ({ ad_id, first, last }))).toEqual(expected);
  for (const limit of [1, 2, 4]) {
    const paged: unknown[] = [];
    for (let after = `${world.prefix}/`; ; ) {
      const page: { ad_id: string }[] = await list({ prefix: `${world.prefix}/`, limit, after });
      paged.push(...page);
      if (page.length < limit) break;
      after = page.at(-1)?.ad_id ?? '';
    }
    expect([limit, paged]).toEqual([limit, ads]);
  }
});

test('a day is listed from its run alone: an ad that only real time or an older run has counted there is not', async () => {
  const name = ad('elsewhere');
  const [click_minute, day] = [dayStartMs(DAYS.final) / SECOND_MS, DAYS.final];
  const row = { ad_id: name, click_minute, country: 'USA', clicks: 1 };
  const insert = (table: string, values: object[]) => world.clickhouse.insert({ table, values, format: 'JSONEachRow' });
  await insert('minutes_by_ad', [{ ...row, arrival_month: 202601 }]);
  await insert('clicks_per_minute_batch', [{ ...row, run: (RUNS[day]?.run ?? 0) + 10 }]);
  expect(await list({ prefix: name })).toEqual([]);
  await insert('minutes_by_ad', [{ ...row, click_minute: dayStartMs(DAYS.closed) / SECOND_MS, arrival_month: 202601 }]);
  expect(await list({ prefix: name })).toMatchObject([
    { first: iso(dayStartMs(DAYS.closed)), last: iso(dayStartMs(DAYS.closed)) },
  ]);
});

test('an advertiser sees its ads, and only an admin puts names', async () => {
  const ids = (await list({ prefix: world.prefix, limit: 1_000 }, 'shop-secret')).map(
    ({ ad_id }: { ad_id: string }) => ad_id,
  );
  expect(ids).toEqual([ad('a'), ad('c%2F')]);
  expect(await list({ prefix: ad('b') }, 'shop-secret')).toEqual([]);
  for (const token of ['ui-secret', 'shop-secret']) expect((await put([], { token })).status).toBe(403);
});

test('names hold always at first, and others from when they are put; the same again changes nothing', async () => {
  const one = { ad_id: ad('named'), name: ' First ', campaign: 'Spring' };
  const first = await put([one]);
  expect([first.status, first.body]).toMatchObject([200, { entries: 1, changed: 1 }]);
  const again = await put([one]);
  expect(again.body).toEqual({ revision: first.body.revision, entries: 1, changed: 0 });
  expect(await namesOf('named')).toEqual({
    ad_id: ad('named'),
    name: 'First',
    campaign: 'Spring',
    advertiser: null,
    first: null,
    last: null,
  });
  await put([{ ...one, name: 'Later', valid_from: iso(world.now + DAY_MS).slice(0, 10) }]);
  expect(await namesOf('named')).toMatchObject({ name: 'First' });
  await put([{ ad_id: ad('named'), name: null, advertiser: 'Acme' }]);
  expect(await namesOf('named')).toMatchObject({ name: null, campaign: null, advertiser: 'Acme' });
  const stored = await rowsOfQuery<{ from: number; name: string }>(
    world.clickhouse,
    `SELECT DISTINCT toUnixTimestamp(valid_from) AS from, name FROM ads.ad_names WHERE ad_id = {ad:String} ORDER BY from`,
    { ad: ad('named') },
  );
  expect(stored).toEqual([
    { from: 0, name: 'First' },
    { from: minuteOf(world.now) / SECOND_MS, name: '' },
    { from: dayStartMs(dayOf(world.now + DAY_MS)) / SECOND_MS, name: 'Later' },
  ]);
});

test('CSV is the same as JSON', async () => {
  const text = `\uFEFFname,ad_id,valid_from\r\n"say ""hi"", all",${ad('csv 1')},\r\nÄ,${ad('csv 2')},2020-02-29T12:30Z\r\n`;
  expect((await putCsv(text)).body).toMatchObject({ entries: 2, changed: 2 });
  expect(await namesOf('csv 1')).toMatchObject({ name: 'say "hi", all', campaign: null });
  expect(await namesOf('csv 2')).toMatchObject({ name: 'Ä' });
  const asJson = [
    { ad_id: ad('csv 1'), name: 'say "hi", all' },
    { ad_id: ad('csv 2'), name: 'Ä', valid_from: '2020-02-29T12:30Z' },
  ];
  expect((await put(asJson)).body).toMatchObject({ changed: 0 });
});

test('what is wrong is told by line and column, and nothing of it is applied', async () => {
  const good = `${ad('never')},Good,2026-01-01`;
  const bad = ['x,y', `${ad('never')},Twice,2026-01-01`, ',No id,', `${ad('n2')},Bad time,2026-02-30`];
  const { status, body } = await putCsv(['ad_id,name,valid_from', good, ...bad].join('\n'));
  expect([status, body.type]).toEqual([400, 'urn:clickledger:problem:bad-rows']);
  expect(body.detail).toMatch(/^nothing was changed: line 3: expected 3 fields/);
  expect(body.errors_in_all).toBe(4);
  expect(body.errors.map(({ line, column }: Record<string, unknown>) => [line, column])).toEqual([
    [3, null],
    [4, 'ad_id'],
    [5, 'ad_id'],
    [6, 'valid_from'],
  ]);
  expect(await list({ prefix: ad('never') })).toEqual([]);
  expect((await putCsv('ad_id,colour\nx,red\n')).body.detail).toMatch(/line 1, colour: expected only ad_id, name/);
  expect((await putCsv(`ad_id\n"never closed\n`)).body.detail).toMatch(/line \d+: expected CSV \(RFC 4180\)/);
  expect((await putCsv(new Uint8Array([0x61, 0xff]))).body.detail).toMatch(/not UTF-8/);
  const json = await put([{ ad_id: ad('never'), nam: 'x' }, 7]);
  expect(json.body.detail).toMatch(/entry 0, nam: expected only ad_id.*entry 1: expected an object/);
  expect((await put({ ad_id: 'x' })).body.detail).toMatch(/body: expected a list/);
  const plain = { method: 'PUT', headers: { 'content-type': 'text/plain', ...bearer('ops-secret').headers } };
  expect((await get(`${api}/v1/ads`, { ...plain, body: 'x' })).status).toBe(415);
  expect(await list({ prefix: ad('never') })).toEqual([]);
});

test('of puts at once each is applied, and each is audited by its size and hash', async () => {
  const bodies = Array.from({ length: 6 }, (_, n) => [{ ad_id: ad(`at once ${n}`), name: `${n}` }]);
  const answers = await Promise.all(bodies.map((body) => put(body)));
  expect(answers.map(({ status, body }) => [status, body.changed])).toEqual(bodies.map(() => [200, 1]));
  expect(new Set(answers.map(({ body }) => body.revision)).size).toBe(bodies.length);
  expect((await list({ prefix: ad('at once') })).map(({ name }: { name: string }) => name)).toEqual([...'012345']);
  const text = JSON.stringify(bodies[3]);
  const lines = readFileSync(join(AUDIT, 'api.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toContainEqual(
    expect.objectContaining({
      who: 'ops',
      what: 'PUT /v1/ads',
      outcome: 200,
      body: { type: 'application/json', bytes: text.length, sha256: sha256Hex(text) },
    }),
  );
});

/** What the tests of reports put: the names of two ads change, one of them within a day, and two ads have no names. */
const CHANGES = { day: dayStartMs(DAYS.restated), within: dayStartMs(DAYS.final) + 18 * HOUR_MS };
interface Names {
  campaign: string | null;
  advertiser: string | null;
}
function namesAt(ad_id: string, ms: number): Names {
  if (ad_id === ad('a')) return { campaign: ms >= CHANGES.within ? 'ä summer' : 'spring', advertiser: 'Acme' };
  if (ad_id === ad('b ü'))
    return ms >= CHANGES.day ? { campaign: 'spring', advertiser: 'Acme' } : { campaign: null, advertiser: null };
  return ad_id === ad('c%2F') ? { campaign: null, advertiser: 'Beta' } : { campaign: null, advertiser: null };
}
async function putCampaigns(at = api): Promise<void> {
  const [always, acme] = ['1970-01-01', 'Acme'];
  const body = [
    { ad_id: ad('a'), campaign: 'spring', advertiser: acme, valid_from: always },
    { ad_id: ad('a'), campaign: 'ä summer', advertiser: acme, valid_from: iso(CHANGES.within) },
    { ad_id: ad('b ü'), campaign: 'spring', advertiser: acme, valid_from: DAYS.restated },
    { ad_id: ad('c%2F'), advertiser: 'Beta', valid_from: always },
  ];
  expect((await put(body, { at })).status).toBe(200);
}

type Keys = (string | null)[];
function plainReport(rows: Row[], by: string[], isNow: boolean): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of countedClicks(rows)) {
    const names = namesAt(row.ad_id, isNow ? world.now : row.ms);
    const keys = by.map((dimension): string | null => {
      if (dimension === 'ad') return row.ad_id;
      if (dimension === 'country') return row.country;
      return dimension === 'day'
        ? `${dayOf(row.ms)}T00:00:00Z`
        : dimension === 'hour'
          ? iso(row.ms - (row.ms % HOUR_MS)).replace('.000', '')
          : names[dimension as keyof Names];
    });
    counts.set(JSON.stringify(keys), (counts.get(JSON.stringify(keys)) ?? 0) + 1);
  }
  return counts;
}
/** Nulls last. */
const compareKeys = (a: Keys, b: Keys): number =>
  a
    .map((key, i) => {
      const other = b[i] ?? null;
      if (key === null || other === null) return key === other ? 0 : key === null ? 1 : -1;
      return byBytes(key, other);
    })
    .find((order) => order !== 0) ?? 0;

test.each([
  'campaign',
  'advertiser',
  'campaign,day',
  'country,campaign',
  'ad,campaign',
  'advertiser,campaign',
  'hour,advertiser',
])('a report by %s is by the names that held at the time of the event, or by those of now', async (by) => {
  await putCampaigns();
  const dimensions = by.split(',');
  const ranges: [number, number][] = [
    [FIRST_MS, LAST_MS],
    [FIRST_MS + 6 * HOUR_MS, CHANGES.day + 6 * HOUR_MS + 30_500],
    [FIRST_MS, CHANGES.day],
  ];
  for (const names of ['then', 'now'] as const) {
    for (const [from, to] of ranges) {
      for (const user_id of ['', "o'user"]) {
        const asked = { by, from, to, names, order: '-clicks', limit: 10_000, ...(user_id && { user_id }) };
        const { status, body } = await ask('/v1/report', asked);
        expect([status, JSON.stringify(asked)]).toEqual([200, JSON.stringify(asked)]);
        const selected = select(world.rows, from, to, user_id ? { user_id: [user_id] } : {});
        const plain = [...plainReport(selected, dimensions, names === 'now')].map(
          ([keys, clicks]) => [JSON.parse(keys) as Keys, clicks] as const,
        );
        plain.sort(([a, left], [b, right]) => right - left || compareKeys(a, b));
        const got = body.rows
          .filter((row: { clicks: number }) => row.clicks > 0)
          .map((row: Record<string, string>) => [
            dimensions.map((dimension) => row[dimension === 'ad' ? 'ad_id' : dimension]),
            row.clicks,
          ]);
        expect(got, JSON.stringify(asked)).toEqual(plain);
        expect(body.total.clicks).toBe(plain.reduce((sum, [, clicks]) => sum + clicks, 0));
      }
    }
  }
  const keyed = (await ask('/v1/report', { by, from: FIRST_MS, to: LAST_MS, order: '-key', limit: 10_000 })).body.rows;
  const keys = keyed.map((row: Record<string, string>) => dimensions.map((one) => row[one === 'ad' ? 'ad_id' : one]));
  const descending = (a: Keys, b: Keys): number =>
    a
      .map((key, i) => {
        const other = b[i] ?? null;
        if (key === null || other === null) return key === other ? 0 : key === null ? 1 : -1;
        return -byBytes(key, other);
      })
      .find((order) => order !== 0) ?? 0;
  expect(keys).toEqual([...keys].sort(descending));
});

test('a snapshot keeps the names it was made with, and its pages add up to its total', async () => {
  await putCampaigns();
  const asked = { by: 'campaign,country', from: FIRST_MS, to: LAST_MS, limit: 3 };
  const first = (await ask('/v1/report', asked)).body;
  await put([{ ad_id: ad('d'), campaign: 'new', valid_from: '1970-01-01' }]);
  const rows = [...first.rows];
  while (rows.length < first.rows_in_all) {
    rows.push(...(await ask('/v1/report', { snapshot: first.snapshot, limit: 3, offset: rows.length })).body.rows);
  }
  const sum = (metric: string) => rows.reduce((total, row) => total + row[metric], 0);
  expect(['impressions', 'clicks', 'conversions'].map(sum)).toEqual([
    first.total.impressions,
    first.total.clicks,
    first.total.conversions,
  ]);
  expect(rows.map(({ campaign }) => campaign)).not.toContain('new');
  const anew = (await ask('/v1/report', { ...asked, limit: 100 })).body.rows;
  expect(anew.map(({ campaign }: { campaign: string }) => campaign)).toContain('new');
  await put([{ ad_id: ad('d'), valid_from: '1970-01-01' }]);
  const { status, body } = await ask('/v1/report', { snapshot: first.snapshot, names: 'now' });
  expect([status, body.parameters[0].parameter]).toEqual([400, 'names']);
});

test('as of a past time names are those that were known then', async () => {
  await putCampaigns(live);
  const before = nowMs;
  nowMs += MINUTE_MS;
  await put([{ ad_id: ad('a'), campaign: 'renamed', valid_from: '1970-01-01' }], { at: live });
  nowMs += MINUTE_MS;
  const campaignsOf = async (params: Params) =>
    (
      await ask('/v1/report', { by: 'campaign', from: FIRST_MS, to: LAST_MS, order: 'key', ...params }, '', live)
    ).body.rows.map(({ campaign }: { campaign: string }) => campaign);
  expect(await campaignsOf({ as_of: before })).toEqual(['spring', 'ä summer', null]);
  expect(await campaignsOf({})).toEqual(['renamed', 'spring', 'ä summer', null]);
  await putCampaigns(live);
});

test('CSV of a report has nothing where there is no name, and "names" is only for reports by them', async () => {
  await putCampaigns();
  const init = { headers: { accept: 'text/csv', authorization: 'Bearer ui-secret' } };
  const { text } = await get(
    `${api}/v1/report?by=campaign&from=${FIRST_MS}&to=${LAST_MS}&metrics=clicks&order=key`,
    init,
  );
  expect(text).toMatch(/^campaign,clicks\r\nspring,\d+\r\nä summer,\d+\r\n,\d+\r\n$/);
  const { status, body } = await ask('/v1/report', { by: 'ad', names: 'now' });
  expect([status, body.detail]).toMatchObject([400, expect.stringMatching(/only with by campaign or advertiser/)]);
});

test('whole days come from the rollup also by names', async () => {
  const second = "toUnixTimestamp(toDateTime(toDate(click_minute), 'UTC'))";
  const names: NamesPlan = { of: 'then', revision: 1, fromS: 0, toS: 900, atS: 900, renamingsS: [60, 120] };
  const part = { kind: 'run_days' as const, runs: [], ads: 'others' as const };
  const text = sql('clickhouse/report/run_days.sql')
    .replace('{database}', databaseOf('click'))
    .replace('{key1}', `(ad_id, ${sameNamesText(names, second)})`)
    .replace('{key2}', "''")
    .replace('{ads}', adsText(part))
    .replace('{countries}', '')
    .replaceAll('{part_runs:Array(Tuple(Date, UInt32))}', `[('${DAYS.final}', ${RUNS[DAYS.final]?.run})]`);
  const query_params = namesParams(names);
  const explained = await rowsOfQuery<{ explain: string }>(world.clickhouse, `EXPLAIN ${text}`, query_params);
  expect(explained.map(({ explain }) => explain).join('\n')).toMatch(/ReadFromMergeTree \(by_day\)/);
});

test('a hundred thousand ads are put, listed by the page, and grouped', { timeout: 300_000 }, async () => {
  const many = 100_000;
  const prefix = ad('many-');
  const days = [DAYS.final, DAYS.restated];
  const id = `concat({prefix:String}, leftPad(toString(number), 6, '0'))`;
  for (const day of days) {
    await world.clickhouse.command({
      query: `INSERT INTO clicks_per_minute_batch SELECT {run:UInt32}, ${id}, toDateTime({at:UInt32} + number % 86400 - number % 60, 'UTC'), 'USA', 1 FROM numbers(${many})`,
      query_params: { prefix, run: RUNS[day]?.run, at: dayStartMs(day) / SECOND_MS },
    });
  }
  await world.clickhouse.command({
    query: `INSERT INTO minutes_by_ad SELECT 202601, ${id}, toDateTime({at:UInt32} + number % 60 * 60, 'UTC'), 'USA', 1 FROM numbers(${many})`,
    query_params: { prefix, at: dayStartMs(DAYS.closed) / SECOND_MS },
  });
  const lines = Array.from({ length: many }, (_, n) => `${prefix}${String(n).padStart(6, '0')},Ad ${n},c${n % 10}`);
  const csv = ['ad_id,name,campaign', ...lines].join('\n');
  const times: Record<string, number> = {};
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const begun = performance.now();
    const result = await work();
    times[what] = Math.round(performance.now() - begun);
    return result;
  };
  expect((await timed('put', () => putCsv(csv))).body).toMatchObject({ entries: many, changed: many });
  expect((await timed('put again', () => putCsv(csv))).body).toMatchObject({ changed: 0 });
  const page = (params: Params) => list({ prefix, ...params });
  for (const [what, params] of Object.entries({
    first: {},
    middle: { after: `${prefix}050000`, limit: 1_000 },
    narrow: { prefix: `${prefix}0999` },
  })) {
    const ads = await timed(what, () => page(params));
    const from = what === 'first' ? 0 : what === 'middle' ? 50_001 : 99_900;
    expect(ads).toHaveLength(what === 'middle' ? 1_000 : 100);
    expect(ads[0]).toEqual({
      ad_id: `${prefix}${String(from).padStart(6, '0')}`,
      name: `Ad ${from}`,
      campaign: `c${from % 10}`,
      advertiser: null,
      first: iso(dayStartMs(DAYS.final) + minuteOf((from % 86_400) * SECOND_MS)),
      last: iso(dayStartMs(DAYS.closed) + (from % 60) * MINUTE_MS),
    });
  }
  const report = await timed('report', () =>
    ask('/v1/report', { by: 'campaign', from: DAYS.final, to: DAYS.givenUp, metrics: 'clicks' }),
  );
  expect(report.body.rows.filter(({ campaign }: { campaign: string | null }) => /^c\d$/.test(campaign ?? ''))).toEqual(
    Array.from({ length: 10 }, (_, n) => ({ campaign: `c${n}`, clicks: 20_000 })),
  );
  expect(Math.max(times.first ?? 0, times.middle ?? 0, times.narrow ?? 0)).toBeLessThan(2_000);
});
