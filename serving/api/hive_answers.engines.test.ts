import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { canonicalIp } from '../../domain/address/canonical.ts';
import { ALL_CLICKS, matches } from '../../domain/filters/filter.ts';
import { runPartition } from '../../domain/names.ts';
import { DAY_MS, dayOf, dayStartMs, iso, MINUTE_MS, minuteOf } from '../../domain/time.ts';
import { createClickHouse } from '../../infra/clients/clickhouse.ts';
import { createElasticsearch } from '../../infra/clients/elasticsearch.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { connectHive, type Hive } from '../../infra/clients/hive.ts';
import { readConfig } from '../../infra/config.ts';
import { fillHive, hiveDay, hiveInteger, hiveJoined, hivePiece } from '../../infra/hive_statement.ts';
import { createLog } from '../../infra/log.ts';
import { dropRuns } from '../../test/support/api/drop_runs.ts';
import { dropPartition, fillPartition } from '../../test/support/api/hive_rows.ts';
import { Servers, storesOfClicks } from '../../test/support/api/server.ts';
import { ADDRESS, filterCondition } from './stores/hive_conditions.ts';
import { createArchive } from './stores/hive_sessions.ts';

const log = createLog('archive-test');
log.level = 'silent';
const config = readConfig(inject('env'));
const urls = engineUrls(config);
const clickhouse = createClickHouse(urls.clickhouse);
const elasticsearch = createElasticsearch(urls.elasticsearch);
const folder = mkdtempSync(join(tmpdir(), 'clickledger-serving-'));
const id = randomUUID().slice(0, 8);

const [FIRST, SECOND, OPEN, MANY] = ['2018-03-01', '2018-03-02', '2018-03-03', '2018-03-04'] as const;
const CUT = 60;
const ADS = [`a-${id}`, `o'ad \\ "${id}" é😀`];
const USERS = ['user 1', "o'user", "\\'); DROP TABLE ads.clicks --"];
const ADDRESSES = [
  '10.1.0.1',
  '10.2.0.1',
  '0.0.0.0',
  '255.255.255.255',
  '::',
  '::1',
  '::1.2.3.4',
  '1::',
  '2001:db8::7',
  '2001:db8:0:7fff::',
  '2001:db8:0:8000::1',
  'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
  '1:0:0:2::3',
  '0:2:3:4:5:6:7:8',
];
const START = dayStartMs(FIRST);
const clicks = Array.from({ length: 240 }, (_, i) => ({
  event_id: `${id}-${i % 200}`,
  ad_id: ADS[i % 2] as string,
  user_id: USERS[i % 3] as string,
  ip: ADDRESSES[(i % 200) % ADDRESSES.length] as string,
  country: ['USA', 'DEU'][(i % 200) % 4 === 0 ? 1 : 0] as string,
  // Two days, and a third one without a run; from 200 on they are duplicates of the first ones.
  ms: START + ((i % 200) % 3) * DAY_MS + (i % 200) * 7_000,
  topic_partition: `${id}-${i % 2}`,
  topic_offset: Math.floor(i / 2),
}));
type Row = (typeof clicks)[number];
for (const row of clicks) row.user_id = USERS[Math.floor(Number(row.event_id.slice(9)) / 3) % 3] as string;
for (const row of clicks) row.ad_id = ADS[Number(row.event_id.slice(9)) % 2] as string;

const identity = ({ topic_partition: _, topic_offset: __, ...click }: Row): string => JSON.stringify(click);
const distinct = (rows: Row[]): Row[] => [...new Map(rows.map((row) => [identity(row), row])).values()];
const counted = (date: string) =>
  distinct(clicks.filter(({ ms, topic_offset }) => dayOf(ms) === date && topic_offset < CUT));
/** The expected clicks: for published days those counted by the run, for the other day all rows. */
const answered = [...counted(FIRST), ...counted(SECOND), ...clicks.filter(({ ms }) => dayOf(ms) === OPEN)];

const servers = new Servers(config);
const awayHive = { ...urls.hive, hosts: [{ host: '127.0.0.1', port: 1 }] };
async function serve(nowMs: number, hive = urls.hive, gone: string[] = []): Promise<string> {
  const archive = createArchive(() => connectHive(hive, log));
  closing.push(archive);
  const stores = storesOfClicks({ clickhouse, elasticsearch, archive }, `none-${id}`, [0]);
  return servers.serve({ stores: { ...stores, minutesGone: async () => new Set(gone) }, now: () => nowMs });
}
const closing: { close(): Promise<void> }[] = [];
// biome-ignore lint/suspicious/noExplicitAny: bodies are what is being checked
async function get(url: string, params: Record<string, string | number> = {}): Promise<{ status: number; body: any }> {
  const query = new URLSearchParams(
    Object.entries(params).map(([name, value]): [string, string] => [name, `${value}`]),
  );
  const response = await fetch(`${url}?${query}`);
  return { status: response.status, body: await response.json() };
}
const countUrl = (api: string, ad: string) => `${api}/v1/ads/${encodeURIComponent(ad)}/aggregated_count`;

let hive: Hive;
let api = '';
beforeAll(async () => {
  hive = await connectHive(urls.hive, log);
  await clear();
  const insert = (table: string, values: Record<string, unknown>[]) =>
    clickhouse.insert({ table: `ads.${table}`, values, format: 'JSONEachRow' });
  const arrived = iso(dayStartMs('2018-03-05'));
  await insert(
    'clicks',
    clicks.map(({ ms, ...row }) => ({ ...row, click_timestamp: iso(ms), arrived_at: arrived })),
  );
  for (const date of [FIRST, SECOND]) {
    const facts = { reason: 'test', requested_by: 'test', inputs: '{}', clicks: counted(date).length };
    const cut = { [`${id}-0`]: CUT, [`${id}-1`]: CUT };
    const event = { date, seq: 1, run: 1, state: 'published', recorded_at: arrived, started_at: arrived, cut };
    await insert('ledger', [{ ...facts, ...event }]);
    const minutes = counted(date).map(({ ad_id, ms, country }) => ({ ad_id, ms: minuteOf(ms), country, clicks: 1 }));
    await insert(
      'clicks_per_minute_batch',
      minutes.map(({ ms, ...row }) => ({ ...row, run: 1, click_minute: ms / 1_000 })),
    );
    const ofMinutes = { ad_id: 'VARCHAR', click_minute: 'BIGINT', country: 'VARCHAR', clicks: 'BIGINT' } as const;
    const inRun = minutes.map(({ ms, ...row }) => ({ ...row, click_minute: ms }));
    await fillPartition(hive, folder, { table: 'clicks_per_minute_runs', date, run: 1 }, ofMinutes, inRun);
    const ofClicks = {
      event_id: 'VARCHAR',
      ad_id: 'VARCHAR',
      click_timestamp: 'BIGINT',
      user_id: 'VARCHAR',
      ip: 'VARCHAR',
      country: 'VARCHAR',
      arrived_at: 'BIGINT',
      topic_partition: 'VARCHAR',
      topic_offset: 'BIGINT',
    } as const;
    const archived = clicks.filter(({ ms }) => dayOf(ms) === date);
    const inArchive = archived.map(({ ms, ...row }) => ({
      ...row,
      click_timestamp: ms,
      arrived_at: Date.parse(arrived),
    }));
    await fillPartition(hive, folder, { table: 'archived_clicks', date }, ofClicks, inArchive);
  }
  api = await serve(dayStartMs('2018-06-01'));
});
afterAll(async () => {
  servers.close();
  await clear();
  await Promise.all([...closing, hive, clickhouse, elasticsearch].map((each) => each.close()));
  rmSync(folder, { recursive: true });
});

async function clear(): Promise<void> {
  const tables = { clicks: 'click_timestamp', minutes_by_ad: 'click_minute', minutes_by_minute: 'click_minute' };
  for (const [table, time] of Object.entries({ ...tables, ledger: 'date' })) {
    await clickhouse.command({ query: `DELETE FROM ads.${table} WHERE toYYYYMM(${time}) = 201803` });
  }
  await dropRuns(clickhouse, ['2018-03']);
  for (const date of [FIRST, SECOND]) {
    for (const table of ['archived_clicks', 'clicks_per_minute_runs']) await dropPartition(hive, { table, date });
  }
}

const QUESTIONS: [params: Record<string, string | number>, is: (row: Row) => boolean][] = [
  [
    { from: START + 30_500, to: START + 2 * DAY_MS + 90_250 },
    ({ ms }) => ms >= START + 30_500 && ms < START + 2 * DAY_MS + 90_250,
  ],
  [{ from: START, to: START + 4 * DAY_MS, user_id: USERS.slice(1, 2).join() }, ({ user_id }) => user_id === USERS[1]],
  [{ from: START, to: START + 4 * DAY_MS, user_id: USERS[2] as string }, ({ user_id }) => user_id === USERS[2]],
  [{ from: START, to: START + 4 * DAY_MS, user_id: "x' OR 1=1 --" }, () => false],
  [
    { from: START, to: START + 4 * DAY_MS, ip: '10.0.0.0/8,2001:db8::/49,::/127', country: 'usa' },
    ({ ip, country }) =>
      country === 'USA' && ['10.1.0.1', '10.2.0.1', '2001:db8::7', '2001:db8:0:7fff::', '::', '::1'].includes(ip),
  ],
];

/** The seventh question is the first one for the other ad, and so on. */
async function expectAnswered(n: number): Promise<void> {
  const [params, is] = QUESTIONS[n % QUESTIONS.length] as (typeof QUESTIONS)[number];
  const ad = ADS[n % ADS.length] as string;
  const { status, body } = await get(countUrl(api, ad), params);
  const expected = answered.filter((row) => row.ad_id === ad && is(row)).length;
  expect([status, body.count], JSON.stringify([ad, params, body])).toEqual([200, expected]);
  expect(body.receipt.sources).toContain('hive');
  expect(body.receipt.late).toBe(null);
}

test('raw rows that may have expired, and then have, are counted by Hive all the same', {
  timeout: 400_000,
}, async () => {
  await expectAnswered(0);
  await clickhouse.command({
    query: `ALTER TABLE ads.clicks DELETE WHERE toDate(click_timestamp) IN ('${FIRST}', '${SECOND}')`,
    clickhouse_settings: { mutations_sync: '2' },
  });
  for (let n = 0; n <= QUESTIONS.length; n++) await expectAnswered(n);
  const whole = await get(countUrl(api, ADS[0] as string), { from: START, to: START + DAY_MS });
  expect(whole.body.count).toBe(counted(FIRST).filter(({ ad_id }) => ad_id === ADS[0]).length);
  expect(whole.body.receipt).toMatchObject({ sources: ['clickhouse'], late: null });
});

test('windows and popular ads come from the archive, too', { timeout: 300_000 }, async () => {
  const ad = ADS[1] as string;
  const [from, to] = [START + 500, START + 3 * DAY_MS];
  const url = `${api}/v1/ads/${encodeURIComponent(ad)}/series`;
  const { body } = await get(url, { from, to, size: 43_200, ip: '0.0.0.0/0' });
  for (const point of body.points) {
    const inWindow = answered.filter(({ ms }) => ms >= Date.parse(point.from) && ms < Date.parse(point.to));
    expect(point.count).toBe(
      inWindow.filter(({ ad_id, ip }) => ad_id === ad && ip.includes('.') && !ip.includes(':')).length,
    );
  }
  expect(body.receipt.sources).toContain('hive');

  const popular = (at: string, window: number) => get(`${api}/v1/ads/popular_ads`, { at, window, user_id: "o'user" });
  const two = await popular(OPEN, 2 * 1_440);
  const users = [...counted(FIRST), ...counted(SECOND)].filter(({ user_id }) => user_id === "o'user");
  const expected = ADS.map((ad_id) => ({ ad_id, count: users.filter((row) => row.ad_id === ad_id).length }));
  expect(two.body.ads).toEqual(expected.sort((a, b) => b.count - a.count || (a.ad_id < b.ad_id ? -1 : 1)));
  expect(two.body.receipt.sources).toContain('hive');
  const three = await popular('2018-03-04', 3 * 1_440);
  expect([three.status, three.body.type]).toEqual([400, 'urn:clickledger:problem:archived-and-realtime']);
});

test('minutes that were announced come from Hive, and what it cannot answer is refused', {
  timeout: 300_000,
}, async () => {
  const announced = await serve(dayStartMs('2018-06-01'), urls.hive, [`${FIRST}/1`]);
  const ad = ADS[0] as string;
  const both = { from: START, to: START + 2 * DAY_MS };
  const { body } = await get(countUrl(announced, ad), { ...both, country: 'DEU' });
  const expected = [...counted(FIRST), ...counted(SECOND)].filter((row) => row.ad_id === ad && row.country === 'DEU');
  expect([body.count, body.receipt.sources]).toEqual([expected.length, ['clickhouse', 'hive']]);
  const series = await get(`${announced}/v1/ads/${encodeURIComponent(ad)}/series`, { ...both, size: 86_400 });
  const days = [FIRST, SECOND].map((day) => counted(day).filter((row) => row.ad_id === ad).length);
  expect(series.body.points.map(({ count }: { count: number }) => count)).toEqual(days);
  const performance = await get(`${announced}/v1/ads/${encodeURIComponent(ad)}/performance`, both);
  expect(performance.body.clicks.count).toBe(days.reduce((sum, count) => sum + count, 0));
  const top = await get(`${announced}/v1/ads/popular_ads`, { at: SECOND, window: 1_440 });
  expect(top.body.receipt.sources).toEqual(['hive']);
  const past = await get(countUrl(announced, ad), { ...both, as_of: '2018-04-01' });
  expect([past.body.count, past.body.receipt.sources]).toEqual([
    days.reduce((sum, count) => sum + count, 0),
    ['clickhouse', 'hive'],
  ]);
  const refused = await get(`${announced}/v1/report`, { by: 'ad', ...both });
  expect([refused.status, refused.body.type, refused.body.detail]).toEqual([
    400,
    'urn:clickledger:problem:only-archived',
    expect.stringContaining(`1 of the days from ${FIRST} to ${FIRST}`),
  ]);
  const later = await get(`${announced}/v1/report`, { by: 'ad', ...both, from: SECOND });
  expect(later.status).toBe(200);
});

test('expired minutes also come from the runs in Hive', { timeout: 300_000 }, async () => {
  await clickhouse.command({
    query: `ALTER TABLE ads.clicks_per_minute_batch DROP PARTITION ID '${runPartition(FIRST, 1)}'`,
  });
  const later = await serve(dayStartMs('2019-07-01'));
  for (const ad of ADS) {
    const { body } = await get(countUrl(later, ad), { from: START, to: START + 2 * DAY_MS, country: 'DEU' });
    const expected = [...counted(FIRST), ...counted(SECOND)].filter((row) => row.ad_id === ad && row.country === 'DEU');
    expect(body.count).toBe(expected.length);
    expect(body.receipt.sources).toEqual(['clickhouse', 'hive']);
  }
  const at = START + 10 * MINUTE_MS;
  const { body } = await get(`${later}/v1/ads/popular_ads`, { at, window: 10 });
  const first = counted(FIRST).filter(({ ms }) => ms < at);
  const sum = body.ads.reduce((total: number, { count }: { count: number }) => total + count, 0);
  expect([sum, body.receipt.sources]).toEqual([first.length, ['hive']]);
});

test('a run without clicks is not queried in Hive', async () => {
  const [EMPTY, time] = ['2018-03-20', iso(dayStartMs('2018-03-21'))];
  const event = { date: EMPTY, seq: 1, run: 1, state: 'published', clicks: 0, cut: {}, inputs: '{}' };
  const facts = { reason: 'test', requested_by: 'test', recorded_at: time, started_at: time };
  await clickhouse.insert({ table: 'ads.ledger', values: [{ ...event, ...facts }], format: 'JSONEachRow' });
  const later = await serve(dayStartMs('2019-07-01'), awayHive);
  const { status, body } = await get(countUrl(later, 'any'), { from: EMPTY, to: '2018-03-21', country: 'DEU' });
  expect([status, body.receipt?.status, body.receipt?.sources]).toEqual([200, 'final', ['clickhouse']]);
});

test('networks in Hive contain the same addresses as the filter', async () => {
  const lengths = (address: string) =>
    address.includes(':') ? [0, 1, 13, 33, 49, 64, 97, 127, 128] : [0, 1, 7, 8, 15, 31, 32];
  const networks = ADDRESSES.flatMap((address) => lengths(address).map((length) => `${address}/${length}`));
  expect(ADDRESSES.map(canonicalIp)).toEqual(ADDRESSES);
  const of = (network: string, not: boolean) => ({
    ...ALL_CLICKS,
    ip: not ? { in: null, not: [network] } : { in: [network], not: [] },
  });
  const asked = networks.flatMap((network) => [of(network, false), of(network, true)]);
  const bits = hiveJoined(
    asked.map((filter) => hivePiece`CASE WHEN ${filterCondition(filter)} THEN '1' ELSE '0' END`),
    ', ',
  );
  const statement = fillHive(
    `SELECT ip, concat({bits}) AS bits FROM (SELECT DISTINCT ip, country, user_id, {address} AS address
     FROM ads.clicks WHERE dt IN ({first}, {second})) addresses`,
    { bits, address: ADDRESS, first: hiveDay(FIRST), second: hiveDay(SECOND) },
  );
  const found = new Map((await hive.rows<{ ip: string; bits: string }>(statement)).map(({ ip, bits }) => [ip, bits]));
  expect([...found.keys()].sort()).toEqual([...ADDRESSES].sort());
  for (const [ip, bits] of found) {
    for (const [i, filter] of asked.entries()) {
      const expected = matches(filter, { ip, country: 'USA', user_id: 'u' }) ? '1' : '0';
      expect(bits[i], `${ip} by ${JSON.stringify(filter.ip)}`).toBe(expected);
    }
  }
});

test('without Hive only questions to the archive fail, and name it', async () => {
  const without = await serve(dayStartMs('2018-06-01'), awayHive);
  const archived = await get(countUrl(without, ADS[0] as string), QUESTIONS[0]?.[0]);
  expect([archived.status, archived.body.missing]).toEqual([503, ['hive']]);
  expect(
    (await get(countUrl(without, ADS[0] as string), { from: START + DAY_MS, to: START + 2 * DAY_MS })).status,
  ).toBe(200);
  expect((await get(`${without}/v1/ads/popular_ads`)).status).toBe(200);
  expect((await get(`${without}/v1/status`)).status).toBe(200);
});

test('a statement whose callers are all gone is not executed', { timeout: 300_000 }, async () => {
  /** The function that calls Java is off under its own name; the platform may give it another. */
  const withCalls = async (session: Hive): Promise<Hive> => {
    await session.execute(
      "CREATE TEMPORARY FUNCTION call_java AS 'org.apache.hadoop.hive.ql.udf.generic.GenericUDFReflect'",
    );
    return session;
  };
  await withCalls(hive);
  const archive = createArchive(() => connectHive(urls.hive, log).then(withCalls));
  closing.push(archive);
  const many = { table: 'archived_clicks', date: MANY } as const;
  const rows = Array.from({ length: 10_000 }, (_, topic_offset) => ({ topic_offset }));
  await fillPartition(hive, folder, many, { topic_offset: 'BIGINT' }, rows);
  /** Hive executes one statement at a time. */
  const sleeping = (seconds: number) =>
    fillHive(
      `SELECT count(call_java('java.lang.Thread', 'sleep', CAST(10 + topic_offset * 0 AS BIGINT))) AS n
      FROM ads.clicks LATERAL VIEW explode(array(1)) one AS n WHERE dt = {day} AND topic_offset < {rows}`,
      { day: hiveDay(MANY), rows: hiveInteger(seconds * 100) },
    );
  const first = hive.rows(sleeping(10));
  await expect(archive.rows(sleeping(100), AbortSignal.timeout(3_000))).rejects.toThrow('timeout');
  await first;
  const distinct = fillHive('SELECT count(DISTINCT event_id) AS n FROM ads.clicks WHERE dt = {day}', {
    day: hiveDay(FIRST),
  });
  expect(await archive.rows(distinct, AbortSignal.timeout(60_000))).toHaveLength(1);
  await dropPartition(hive, many);
});
