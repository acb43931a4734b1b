import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Receipt } from '../../domain/receipt.ts';
import { iso, minuteOf } from '../../domain/time.ts';
import { createClickHouse, rows } from '../../infra/clients/clickhouse.ts';
import { createElasticsearch } from '../../infra/clients/elasticsearch.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { connectHive } from '../../infra/clients/hive.ts';
import { readConfig } from '../../infra/config.ts';
import { createLog } from '../../infra/log.ts';
import { dropRuns } from '../../test/support/api/drop_runs.ts';
import { Servers, storesOfClicks } from '../../test/support/api/server.ts';
import { createArchive } from './stores/hive_sessions.ts';

const log = createLog('as-of-test');
log.level = 'silent';
const config = readConfig(inject('env'));
const urls = engineUrls(config);
const clickhouse = createClickHouse(urls.clickhouse);
const elasticsearch = createElasticsearch(urls.elasticsearch);
const archive = createArchive(() => connectHive(urls.hive, log));
const ad = `as-of-${randomUUID().slice(0, 8)}`;
const partition = `${ad}-0`;
const at = (text: string): number => Date.parse(`2010-${text}Z`);
const NOW = at('05-20T00:00');

/** `offset` is its position in the log; equal ids are duplicates. */
interface Row {
  id: string;
  ms: number;
  country: string;
  user: string;
  offset: number;
  arrived: number;
}
const COUNTRIES = ['USA', 'DEU'];
const arrivals = (day: string, first: number, count: number, arrived: string): Row[] =>
  Array.from({ length: count }, (_, i) => first + i).map((n) => ({
    id: `${day}-${n}`,
    ms: at(`${day}T10:00:20`) + n * 7_000,
    country: COUNTRIES[n % 2] as string,
    user: `u${n % 3}`,
    offset: n,
    arrived: at(arrived),
  }));

const [DAY, OLD] = ['05-10', '03-10'];
const inTime = arrivals(DAY, 0, 10, '05-10T12:00');
const copy = { ...(inTime[4] as Row), offset: 10, arrived: at('05-10T12:30') };
const late = arrivals(DAY, 11, 3, '05-11T05:00');
const later = arrivals(DAY, 14, 2, '05-12T10:00');
const CLICKS = [...inTime, copy, ...late, ...later];
const OLD_CLICKS = arrivals(OLD, 0, 4, '03-10T12:00');

const LEDGER = [
  { day: DAY, seq: 1, run: 1, cut: 11, recorded: at('05-11T02:00'), note: '' },
  { day: DAY, seq: 2, run: 2, cut: 14, recorded: at('05-12T02:00'), note: '' },
  { day: DAY, seq: 3, run: 1, cut: 11, recorded: at('05-12T12:00'), note: 'rolled back from run 2' },
  { day: DAY, seq: 4, run: 0, cut: 0, recorded: at('05-12T14:00'), note: 'rolled back from run 1' },
  { day: OLD, seq: 1, run: 1, cut: 4, recorded: at('03-11T02:00'), note: '' },
];

const distinct = (found: Row[]): Row[] => [...new Map(found.map((row) => [row.id, row])).values()];
const counted = (clicks: Row[], cut: number): Row[] => distinct(clicks.filter(({ offset }) => offset < cut));

const servers = new Servers(config);
let address = '';
beforeAll(async () => {
  await clear();
  const insert = (table: string, values: Record<string, unknown>[]) =>
    clickhouse.insert({ table: `ads.${table}`, values, format: 'JSONEachRow' });
  await insert(
    'clicks',
    [...CLICKS, ...OLD_CLICKS].map(({ id, ms, country, user, offset, arrived }) => ({
      event_id: id,
      ad_id: ad,
      click_timestamp: iso(ms),
      user_id: user,
      ip: `10.0.0.${offset % 2}`,
      country,
      arrived_at: iso(arrived),
      topic_partition: partition,
      topic_offset: offset,
    })),
  );
  for (const { day, seq, run, cut, recorded, note } of LEDGER) {
    const clicks = counted(day === DAY ? CLICKS : OLD_CLICKS, cut);
    const facts = { reason: 'test', requested_by: 'test', started_at: iso(recorded - 60_000), inputs: '{}', note };
    await insert('ledger', [
      {
        ...facts,
        date: `2010-${day}`,
        seq,
        run,
        state: 'published',
        recorded_at: iso(recorded),
        cut: cut === 0 ? {} : { [partition]: cut },
        clicks: clicks.length,
      },
    ]);
    if (run === 0 || note !== '') continue;
    await insert(
      'clicks_per_minute_batch',
      clicks.map(({ ms, country }) => ({
        run,
        ad_id: ad,
        click_minute: minuteOf(ms) / 1_000,
        country,
        clicks: 1,
      })),
    );
  }
  const stores = storesOfClicks({ clickhouse, elasticsearch, archive }, ad, [0]);
  address = await servers.serve({ stores, now: () => NOW });
});
afterAll(async () => {
  servers.close();
  await clear();
  await Promise.all([clickhouse.close(), elasticsearch.close(), archive.close()]);
});

/** Also removes what an earlier run of the test left on engines that keep running. */
async function clear(): Promise<void> {
  const tables = { clicks: 'click_timestamp', minutes_by_ad: 'click_minute', minutes_by_minute: 'click_minute' };
  for (const [table, time] of Object.entries({ ...tables, ledger: 'date' })) {
    await clickhouse.command({ query: `DELETE FROM ads.${table} WHERE toYear(${time}) = 2010` });
  }
  await dropRuns(clickhouse, ['2010']);
}

type Answer = { type?: string; count: number; receipt: Receipt; detail: string; answerable_from: string | null };
async function ask(params: Record<string, string | number>): Promise<{ status: number; body: Answer }> {
  const query = new URLSearchParams(
    Object.entries(params).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const response = await fetch(`${address}/v1/ads/${ad}/aggregated_count?${query}`);
  return { status: response.status, body: (await response.json()) as Answer };
}
const wholeDay = (day: string) => ({ from: `2010-${day}`, to: at(`${day}T24:00`) });

test.each<[when: string, asOf: string, count: number, status: string, run: number | null, late: number]>([
  ['before anything had arrived', '05-10T11:59:59.999', 0, 'provisional', null, 0],
  ['between a click and its duplicate', '05-10T12:00', 10, 'provisional', null, 0],
  ['before the first run', '05-11T01:59:59.999', 11, 'provisional', null, 0],
  ['when run 1 was published', '05-11T02:00', 10, 'final', 1, 0],
  ['when late clicks had come', '05-11T05:00', 10, 'final', 1, 3],
  ['when run 2 was published', '05-12T02:00', 13, 'restated', 2, 0],
  ['when more late clicks had come', '05-12T11:00', 13, 'restated', 2, 2],
  ['after it was rolled back', '05-12T12:00', 10, 'final', 1, 5],
  ['after run 1 was rolled back too', '05-12T14:00', 16, 'provisional', null, 0],
  ['now', '05-20T00:00', 16, 'provisional', null, 0],
])('as of %s', async (_, asOf, count, status, run, lateThen) => {
  const { body } = await ask({ ...wholeDay(DAY), as_of: iso(at(asOf)) });
  expect(body.count).toBe(count);
  expect(body.receipt).toMatchObject({
    as_of: iso(at(asOf)),
    status,
    late: lateThen,
    sources: ['clickhouse'],
    boundary: null,
    batch: { count: run ? count : 0, runs: run ? [{ date: `2010-${DAY}`, run }] : [] },
    realtime: { count: run ? 0 : count },
  });
});

test('the change between two answers is what the ledger recorded between them', async () => {
  const times = ['05-11T03:00', '05-11T20:00', '05-12T03:00', '05-12T13:00'].map(at);
  for (const [i, earlier] of times.entries()) {
    for (const later of times.slice(i)) {
      const [before, after] = [
        await ask({ ...wholeDay(DAY), as_of: earlier }),
        await ask({ ...wholeDay(DAY), as_of: later }),
      ];
      const lines = await rows<{ run: number; clicks: number }>(
        clickhouse,
        `SELECT run, clicks FROM ads.ledger WHERE date = {day:Date} AND state = 'published'
         AND recorded_at > {earlier:DateTime64(3)} AND recorded_at <= {later:DateTime64(3)} ORDER BY seq`,
        { day: `2010-${DAY}`, earlier: iso(earlier).slice(0, -1), later: iso(later).slice(0, -1) },
      );
      const last = lines.at(-1);
      expect(after.body.count).toBe(last ? last.clicks : before.body.count);
      expect(after.body.receipt.batch.runs[0]?.run).toBe(last ? last.run : before.body.receipt.batch.runs[0]?.run);
    }
  }
});

test('filters and seconds are answered as of a past time too', async () => {
  const filters: [Record<string, string>, (row: Row) => boolean][] = [
    [{}, () => true],
    [{ country: 'USA' }, ({ country }) => country === 'USA'],
    [{ user_id: 'u1' }, ({ user }) => user === 'u1'],
    [{ ip: '10.0.0.1', country: 'DEU' }, ({ offset, country }) => offset % 2 === 1 && country === 'DEU'],
  ];
  const ranges = [
    [at(`${DAY}T10:00:30`), at(`${DAY}T10:01:45`)],
    [at(`${DAY}T10:00:40`), at(`${DAY}T10:00:50`)],
    [at(`05-01T00:00`), NOW],
  ] as const;
  for (const asOf of ['05-10T12:10', '05-11T03:00', '05-12T03:00', '05-12T13:00', '05-13T00:00'].map(at)) {
    const { run, cut } = LEDGER.findLast(({ day, recorded }) => day === DAY && recorded <= asOf) ?? { run: 0, cut: 0 };
    const known = run === 0 ? CLICKS.filter(({ arrived }) => arrived <= asOf) : counted(CLICKS, cut);
    for (const [params, matches] of filters) {
      for (const [from, to] of ranges) {
        const { body } = await ask({ from, to, as_of: asOf, ...params });
        const expected = known.filter((row) => matches(row) && row.ms >= from && row.ms < to).length;
        expect(body.count, `${iso(asOf)} ${JSON.stringify(params)} ${iso(from)} ${iso(to)}`).toBe(expected);
      }
    }
  }
});

test('without "to", the range ends at the past time', async () => {
  const { body } = await ask({ as_of: iso(at('05-10T12:10')) });
  expect(body.receipt.realtime).toMatchObject({ from: iso(at('05-10T12:09')), to: iso(at('05-10T12:10')) });
});

test('a question that needs expired raw clicks is refused, with the earliest time it can be answered as of', async () => {
  expect(await ask({ ...wholeDay(OLD), as_of: iso(at('03-11T03:00')) })).toMatchObject({
    status: 200,
    body: { count: 4, receipt: { status: 'final', late: null } },
  });
  expect(await ask({ ...wholeDay(OLD), as_of: iso(at('03-10T20:00')) })).toMatchObject({
    status: 400,
    body: { type: 'urn:clickledger:problem:as-of-not-kept', answerable_from: iso(at('03-11T02:00')) },
  });
  expect(await ask({ ...wholeDay('03-01'), as_of: iso(at('03-02T00:00')) })).toMatchObject({
    status: 400,
    body: { answerable_from: iso(at('04-01T00:00')), detail: expect.stringContaining(iso(at('04-01T00:00'))) },
  });
  expect(await ask({ ...wholeDay(OLD), as_of: iso(at('03-11T03:00')), user_id: 'u1' })).toMatchObject({
    status: 400,
    body: { answerable_from: null },
  });
});

test('a future time is refused', async () => {
  expect(await ask({ as_of: NOW + 1 })).toMatchObject({
    status: 400,
    body: { detail: expect.stringMatching(/^as_of: expected a time that is not after/) },
  });
});
