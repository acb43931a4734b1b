import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Duck, openDuck } from '../archive/files/duckdb.ts';
import { countAnnotationConflicts, countConflicts } from './conflicts.ts';

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
  expect(await countAnnotationConflicts(duck.connection, [], {}, { clicks: 0, archived: 0 })).toBe(0);
});

type Copy = [event_id: string, ip: string, arrived_at: number, topic_offset: number, annotations: string];

/** @param isOld the file has no column of annotations */
async function writeCopies(path: string, copies: Copy[], isOld = false): Promise<{ at: string }> {
  const values = copies.map(
    ([id, ip, arrived, offset, annotations]) =>
      `('${id}', 'ad', 1::BIGINT, 'user', '${ip}', 'USA', ${arrived}::BIGINT, 'clicks-0', ${offset}::BIGINT, MAP ${annotations}::MAP(VARCHAR, VARCHAR))`,
  );
  await duck.connection.run(
    `COPY (SELECT * ${isOld ? 'EXCLUDE (annotations)' : ''} FROM (VALUES ${values.join(', ')}) AS t(event_id, ad_id,
      click_timestamp, user_id, ip, country, arrived_at, topic_partition, topic_offset, annotations)) TO '${join(folder, path)}'`,
  );
  return { at: join(folder, path) };
}

const [A, B, NONE] = ["{'ua': 'a', 'value': '1'}", "{'ua': 'b'}", '{}'];

test.each<[what: string, old: Copy[], copies: Copy[], clicks: number, conflicts: number]>([
  [
    'equal copies',
    [],
    [
      ['a', '::1', 1, 0, A],
      ['a', '::1', 2, 1, A],
    ],
    1,
    0,
  ],
  [
    'the same in another order',
    [],
    [
      ['a', '::1', 1, 0, A],
      ['a', '::1', 2, 1, "{'value': '1', 'ua': 'a'}"],
    ],
    1,
    0,
  ],
  [
    'no copies, and clicks that differ',
    [],
    [
      ['a', '::1', 1, 0, A],
      ['b', '::1', 2, 1, B],
    ],
    2,
    0,
  ],
  [
    'an id of two clicks',
    [],
    [
      ['a', '::1', 1, 0, A],
      ['a', '::2', 2, 1, B],
      ['b', '::1', 3, 2, A],
      ['b', '::1', 4, 3, A],
    ],
    3,
    0,
  ],
  [
    'each copy counts that is not as the first',
    [],
    [
      ['a', '::1', 1, 0, A],
      ['a', '::1', 2, 1, B],
      ['a', '::1', 3, 2, B],
    ],
    1,
    2,
  ],
  [
    'the first is the one that arrived first',
    [],
    [
      ['a', '::1', 9, 0, A],
      ['a', '::1', 2, 1, B],
      ['a', '::1', 3, 2, B],
    ],
    1,
    1,
  ],
  [
    'and of those at once that with the lower offset',
    [],
    [
      ['a', '::1', 1, 2, B],
      ['a', '::1', 1, 0, A],
      ['a', '::1', 1, 1, A],
    ],
    1,
    1,
  ],
  [
    'one without any',
    [],
    [
      ['a', '::1', 1, 0, A],
      ['a', '::1', 2, 1, NONE],
    ],
    1,
    1,
  ],
  [
    'a file from before there were annotations',
    [
      ['a', '::1', 1, 0, NONE],
      ['b', '::1', 1, 1, NONE],
    ],
    [
      ['a', '::1', 2, 2, A],
      ['b', '::1', 2, 3, NONE],
    ],
    2,
    1,
  ],
  [
    'a copy after the cut',
    [],
    [
      ['a', '::1', 1, 0, A],
      ['a', '::1', 1, 1, A],
      ['a', '::1', 2, 10, B],
    ],
    1,
    0,
  ],
])('annotations that differ: %s', async (what, old, copies, clicks, conflicts) => {
  const name = `annotations-${what.replaceAll(/\W/g, '-')}`;
  const files = [...copies].map((copy, n) => writeCopies(`${name}-${n}.parquet`, [copy]));
  if (old.length > 0) files.unshift(writeCopies(`${name}-old.parquet`, old, true));
  const archived = old.length + copies.filter(([, , , offset]) => offset < 10).length;
  const count = async (ofFiles: { at: string }[]) =>
    countAnnotationConflicts(duck.connection, ofFiles, { 'clicks-0': 10 }, { clicks, archived });
  const all = await Promise.all(files);
  expect(await count(all)).toBe(conflicts);
  expect(await count(all.toReversed())).toBe(conflicts);
});
