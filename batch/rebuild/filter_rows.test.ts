import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseNetwork } from '../../domain/address/network.ts';
import { ALL_CLICKS, type Filter, matches } from '../../domain/filters/filter.ts';
import { minuteOf } from '../../domain/time.ts';
import { type Duck, openDuck } from '../archive/files/duckdb.ts';
import { filterFolder } from '../run/run_files.ts';
import { countFilters } from './filter_rows.ts';
import { outputFiles, outputRows } from './output.ts';

const folder = mkdtempSync(join(tmpdir(), 'clickledger-filter-rows-'));
let duck: Duck;

beforeAll(async () => {
  duck = await openDuck(folder, 64);
});
afterAll(() => {
  duck.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Row {
  event_id: string;
  ad_id: string;
  click_timestamp: number;
  user_id: string;
  ip: string;
  country: string;
  topic_partition: string;
  topic_offset: number;
}

const COLUMNS = ['event_id', 'ad_id', 'click_timestamp', 'user_id', 'ip', 'country', 'topic_partition', 'topic_offset'];
const START_MS = Date.UTC(2016, 0, 1);
const RUN = { day: '2016-01-01', run: 1, cut: { 'clicks-0': 15, 'clicks-1': 10 } };
const IPS = [
  '10.0.0.1',
  '10.0.1.255',
  '10.255.255.255',
  '9.255.255.255',
  '0.0.0.0',
  '255.255.255.255',
  '::',
  '::1',
  '::10.0.0.1',
  '1::',
  '2001:db8::1',
  '2001:db8:0:1::',
  '2001:db7:ffff:ffff:ffff:ffff:ffff:ffff',
  '1:2:3:4:5:6:7:8',
  'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
  '64:ff9b::a00:1',
  'fe80::1:0:0:1',
];

const click = fc.record({
  event_id: fc.constantFrom('a', 'b', 'c'),
  ad_id: fc.constantFrom('ad1', 'ad2'),
  click_timestamp: fc.integer({ min: 0, max: 150_000 }).map((ms) => START_MS + ms),
  user_id: fc.constantFrom('user 1', "user '2'"),
  ip: fc.constantFrom(...IPS),
  country: fc.constantFrom('USA', 'DEU', 'FRA'),
  topic_partition: fc.constantFrom('clicks-0', 'clicks-1', 'clicks-2'),
  topic_offset: fc.integer({ min: 0, max: 20 }),
});
const clicks = fc.array(click, { minLength: 1, maxLength: 60 });
const network = fc
  .tuple(fc.constantFrom(...IPS), fc.integer({ min: 0, max: 128 }))
  .map(([ip, length]) => parseNetwork(`${ip}/${ip.includes(':') ? length : length % 33}`) ?? '');
const some = (value: fc.Arbitrary<string>) => fc.uniqueArray(value, { maxLength: 4 });
const membership = (value: fc.Arbitrary<string>) => fc.record({ in: fc.option(some(value)), not: some(value) });
const filter: fc.Arbitrary<Filter> = fc.record({
  country: membership(fc.constantFrom('USA', 'DEU')),
  ip: membership(network),
  user_id: membership(fc.constantFrom('user 1', "user '2'")),
});

/** Counted together, as those of a run are. */
const filters = fc.array(filter, { minLength: 4, maxLength: 4 });

/** `minute|ad|country` → clicks. */
type Counts = Record<string, number>;

function countsOf(minutes: Iterable<[minute: number, ad: string, country: string, clicks: number]>): Counts {
  const counts: Counts = {};
  for (const [minute, ad, country, clicks] of minutes) {
    const key = `${minute}|${ad}|${country}`;
    counts[key] = (counts[key] ?? 0) + clicks;
  }
  return counts;
}

/** Distinct clicks below the cut, counted independently. */
function oracle(rows: Row[], isRight: (row: Row) => boolean): Counts {
  const cut: Record<string, number> = RUN.cut;
  const below = rows.filter((row) => row.topic_offset < (cut[row.topic_partition] ?? 0) && isRight(row));
  const distinct = new Set(below.map(({ topic_partition: _, topic_offset: __, ...fields }) => JSON.stringify(fields)));
  const fields = [...distinct].map((text) => JSON.parse(text) as Row);
  return countsOf(fields.map(({ click_timestamp, ad_id, country }) => [minuteOf(click_timestamp), ad_id, country, 1]));
}

async function write(name: string, columns: string[], rows: (string | number)[][]): Promise<string> {
  const path = join(folder, name);
  const literal = (value: string | number) =>
    typeof value === 'number' ? `${value}::BIGINT` : `'${value.replaceAll("'", "''")}'`;
  const values = rows.map((row) => `(${row.map(literal).join(', ')})`).join(', ');
  await duck.connection.run(`COPY (FROM (VALUES ${values}) AS t(${columns.join(', ')})) TO '${path}' (FORMAT parquet)`);
  return path;
}

test('rows of any filter are the clicks that it matches, below the cut, each once', async () => {
  await fc.assert(
    fc.asyncProperty(clicks, filters, fc.integer({ min: 1, max: 40 }), async (rows, asked, most) => {
      const values = rows.map((row) => COLUMNS.map((column) => row[column as keyof Row]));
      const all = Object.entries(oracle(rows, () => true)).map(([key, clicks]) => {
        const [minute, ad, country] = key.split('|');
        return [Number(minute), String(ad), String(country), clicks];
      });
      fc.pre(all.length > 0);
      const sources = {
        clicks: [{ at: await write('clicks.parquet', COLUMNS, values) }],
        minutes: [await write('minutes.parquet', ['click_minute', 'ad_id', 'country', 'clicks'], all)],
      };
      const registered = asked.map((one, n) => ({ filterId: 7 + n, revision: 2, filter: one }));
      const totals = await countFilters(duck.connection, folder, RUN, registered, sources, most);
      expect(totals.map(({ filterId }) => filterId)).toEqual(registered.map(({ filterId }) => filterId));
      for (const [n, one] of registered.entries()) {
        const expected = oracle(rows, (row) => matches(one.filter, row));
        const found: Counts = {};
        for await (const chunk of outputRows(duck.connection, outputFiles(filterFolder(folder, RUN, one)))) {
          Object.assign(found, countsOf(chunk));
        }
        expect(found).toEqual(expected);
        const clicks = Object.values(expected).reduce((sum, count) => sum + count, 0);
        expect(totals[n]).toMatchObject({ revision: 2, documents: Object.keys(expected).length, clicks });
      }
    }),
    { numRuns: 60 },
  );
});

test('a filter has no rows for a day without clicks', async () => {
  const registered = { filterId: 8, revision: 1, filter: { ...ALL_CLICKS, user_id: { in: ['user 1'], not: [] } } };
  const counted = await countFilters(duck.connection, folder, RUN, [registered], { clicks: [], minutes: [] });
  expect(counted).toEqual([{ filterId: 8, revision: 1, documents: 0, clicks: 0 }]);
});
