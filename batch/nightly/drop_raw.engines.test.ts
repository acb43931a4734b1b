import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { DAY_MS, iso, MINUTE_MS } from '../../domain/time.ts';
import { rows } from '../../infra/clients/clickhouse.ts';
import { writeJsonAtomically } from '../../infra/files.ts';
import { ANNOUNCED_MS, readRawKept } from '../../infra/raw_kept.ts';
import { openFindings } from '../../infra/register/findings.ts';
import { OwnDatabase } from '../../test/support/own_database.ts';
import { dropExpiredRaw } from './drop_raw.ts';

/** Each in a database of its own, with a clock that it sets. */
const own = new OwnDatabase('drop-raw');
const { archiveDir } = own;
const at = (time: string): number => Date.parse(time);
let engines: Parameters<typeof dropExpiredRaw>[0];

beforeEach(async () => {
  engines = await own.make();
});
afterAll(() => own.close());

/** Clicks of a day, of which one arrived at each of these offsets; and one copy. */
async function arrive(day: string, arrivedAt: string, offsets: number[]): Promise<void> {
  const values = offsets.map((topic_offset) => ({
    event_id: `${day}-${topic_offset}`,
    ad_id: 'ad',
    user_id: 'u',
    ip: '::1',
    country: 'US',
    click_timestamp: iso(at(day) + 1_000),
    arrived_at: iso(at(arrivedAt)),
    topic_partition: 'clicks-0',
    topic_offset,
  }));
  for (const table of ['clicks', 'copies_dropped']) {
    await engines.clickhouse.insert({
      table,
      values: table === 'clicks' ? values : values.slice(0, 1),
      format: 'JSONEachRow',
    });
  }
}

let seq = 0;
async function record(day: string, run: number, state: string, below: number): Promise<void> {
  const time = iso(at(day) + DAY_MS);
  seq += 1;
  const facts = { reason: 'test', requested_by: 'test', inputs: '{}', clicks: 1, recorded_at: time, started_at: time };
  const values = [{ date: day, seq, run, state, cut: { 'clicks-0': below }, ...facts }];
  await engines.clickhouse.insert({ table: 'ledger', values, format: 'JSONEachRow' });
}

/** What is left: clicks, and copies. */
async function left(): Promise<number[]> {
  const count = (table: string) => `(SELECT count() FROM ${table})`;
  const query = `SELECT [${count('clicks')}, ${count('copies_dropped')}] AS n`;
  return ((await rows<{ n: number[] }>(engines.clickhouse, query))[0]?.n ?? []).map(Number);
}
const sinceMs = async (now: string) => (await readRawKept(engines.clickhouse, at(now))).sinceMs;
const findings = async () => (await openFindings(engines.register)).map(({ name, what }) => [name, what]);

test('a month whose days are counted is announced one night, and dropped the next', async () => {
  await arrive('2026-03-05', '2026-03-05', [0, 1, 2]);
  await arrive('2026-04-20', '2026-04-20', [3]);
  await record('2026-03-05', 1, 'published', 3);
  await dropExpiredRaw(engines, 30, at('2026-04-29'));
  expect([await left(), await sinceMs('2026-04-29')]).toEqual([[4, 2], at('2026-03-01')]);

  await dropExpiredRaw(engines, 30, at('2026-05-02'));
  expect([await left(), await sinceMs('2026-05-02')]).toEqual([[4, 2], at('2026-04-01')]);
  // So soon a question may be at work that has read the record of before.
  await dropExpiredRaw(engines, 30, at('2026-05-02') + ANNOUNCED_MS - MINUTE_MS);
  expect(await left()).toEqual([4, 2]);
  await dropExpiredRaw(engines, 30, at('2026-05-02') + ANNOUNCED_MS + MINUTE_MS);
  expect(await left()).toEqual([1, 1]);
  expect(await findings()).toEqual([]);

  // Whatever is set later: what is gone is gone, and readers go by the record.
  await dropExpiredRaw(engines, 400, at('2026-05-04'));
  expect(await sinceMs('2026-05-04')).toBe(at('2026-04-01'));
  await own.drop();
});

test.each([
  ['has rows that its run has not counted', ['published', 2]],
  ['was begun to be counted, and not published', ['counting', 3]],
  ['is blocked', ['published', 3], ['blocked', 3]],
])('a month stays while a day of it %s, and a finding says so', async (_, ...events) => {
  const DAY = '2026-02-03';
  const runFolder = join(archiveDir, 'runs-ledger', DAY);
  mkdirSync(runFolder, { recursive: true });
  await dropExpiredRaw(engines, 30, at('2026-01-10'));
  await arrive('2026-01-05', '2026-01-05', [0]);
  // The month of arrival counts, not that of the clicks.
  await arrive(DAY, '2026-03-05', [1, 2]);
  await arrive('2026-04-06', '2026-04-06', [3]);
  await record('2026-01-05', 1, 'published', 1);
  for (const [n, [state, below]] of (events as [string, number][]).entries()) await record(DAY, n + 1, state, below);
  await record('2026-04-06', 1, 'published', 4);
  // Blocked days are those whose runs have files in the archive.
  writeJsonAtomically(join(runFolder, '2.json'), {});
  const nights = ['2026-06-01', '2026-06-02', '2026-06-03'];
  for (const night of nights) await dropExpiredRaw(engines, 30, at(night));
  expect([await left(), await sinceMs('2026-06-03')]).toEqual([[3, 2], at('2026-03-01')]);
  expect(await findings()).toEqual([['raw-kept-202603', expect.stringMatching(new RegExp(`in 2026-03 .* ${DAY}$`))]]);

  await record(DAY, 3, 'published', 3);
  for (const night of ['2026-06-04', '2026-06-05']) await dropExpiredRaw(engines, 30, at(night));
  expect([await left(), await sinceMs('2026-06-05')]).toEqual([[0, 0], at('2026-05-01')]);
  expect(await findings()).toEqual([]);
  await own.drop();
});

test('more days keep more', async () => {
  await arrive('2026-03-05', '2026-03-05', [0]);
  await record('2026-03-05', 1, 'published', 1);
  for (const night of ['2026-05-02', '2026-05-03']) await dropExpiredRaw(engines, 60, at(night));
  expect(await left()).toEqual([1, 1]);
  for (const night of ['2026-06-01', '2026-06-02']) await dropExpiredRaw(engines, 60, at(night));
  expect(await left()).toEqual([0, 0]);
  await own.drop();
});
