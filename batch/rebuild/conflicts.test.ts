import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Duck, openDuck } from '../archive/files/duckdb.ts';
import { countConflicts } from './conflicts.ts';

const folder = mkdtempSync(join(tmpdir(), 'clickledger-conflicts-'));
let duck: Duck;

beforeAll(async () => {
  duck = await openDuck(folder, 64);
});
afterAll(() => {
  duck.close();
  rmSync(folder, { recursive: true, force: true });
});

type Row = [event_id: string, ip: string, topic_partition: string, topic_offset: number];

async function write(path: string, rows: Row[]): Promise<{ at: string }> {
  const values = rows.map(
    ([id, ip, place, offset]) => `('${id}', 'ad', 1::BIGINT, 'user', '${ip}', 'USA', '${place}', ${offset}::BIGINT)`,
  );
  await duck.connection.run(
    `COPY (FROM (VALUES ${values.join(', ')})
      AS t(event_id, ad_id, click_timestamp, user_id, ip, country, topic_partition, topic_offset)) TO '${join(folder, path)}'`,
  );
  return { at: join(folder, path) };
}

test.each<[what: string, rows: Row[], clicks: number, conflicts: number]>([
  [
    'an id for each click',
    [
      ['a', '::1', 'clicks-0', 0],
      ['b', '::1', 'clicks-0', 1],
    ],
    2,
    0,
  ],
  [
    'copies',
    [
      ['a', '::1', 'clicks-0', 0],
      ['a', '::1', 'clicks-0', 1],
    ],
    1,
    0,
  ],
  [
    'an id with two contents, and a duplicate of one',
    [
      ['a', '::1', 'clicks-0', 0],
      ['a', '::2', 'clicks-0', 1],
      ['a', '::2', 'clicks-0', 2],
    ],
    2,
    1,
  ],
  [
    'an id with three',
    [
      ['a', '::1', 'clicks-0', 0],
      ['a', '::2', 'clicks-0', 1],
      ['a', '::3', 'clicks-0', 2],
      ['b', '::1', 'clicks-0', 3],
    ],
    4,
    2,
  ],
  [
    'the same id in two topics',
    [
      ['a', '::1', 'clicks-0', 0],
      ['a', '::2', 'clicks.eu-0', 0],
    ],
    2,
    1,
  ],
  [
    'another content after the cut',
    [
      ['a', '::1', 'clicks-0', 0],
      ['a', '::2', 'clicks-0', 10],
    ],
    1,
    0,
  ],
  [
    'another content in a partition that the cut does not name',
    [
      ['a', '::1', 'clicks-0', 0],
      ['a', '::2', 'clicks-9', 0],
    ],
    1,
    0,
  ],
])('%s', async (what, rows, clicks, conflicts) => {
  const name = what.replaceAll(/\W/g, '-');
  const files = [await write(`${name}-1.parquet`, rows.slice(0, 1)), await write(`${name}-2.parquet`, rows.slice(1))];
  const cut = { 'clicks-0': 10, 'clicks.eu-0': 5 };
  expect(await countConflicts(duck.connection, files, cut, clicks)).toBe(conflicts);
});

test('a day without clicks has none', async () => {
  expect(await countConflicts(duck.connection, [], {}, 0)).toBe(0);
});
