import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { DAY_MS, iso, MINUTE_MS } from '../../domain/time.ts';
import { rows } from '../../infra/clients/clickhouse.ts';
import { writeJsonAtomically } from '../../infra/files.ts';
import { readMinutesGone } from '../../infra/minutes_gone.ts';
import { ANNOUNCED_MS, announceRawKept } from '../../infra/raw_kept.ts';
import { openFindings } from '../../infra/register/findings.ts';
import { OwnDatabase } from '../../test/support/own_database.ts';
import { lockDay } from '../day/lock.ts';
import { dropExpiredMinutes } from './drop_minutes.ts';

/** Each in a database of its own, with a clock that it sets. */
const own = new OwnDatabase('drop-minutes');
const { archiveDir } = own;
const at = (time: string): number => Date.parse(time);
let engines: Parameters<typeof dropExpiredMinutes>[0];

beforeEach(async () => {
  engines = await own.make();
});
afterAll(() => own.close());

/** Clicks of a day in real time, and in these runs. */
async function arrive(day: string, arrivedAt: string, ...runs: number[]): Promise<void> {
  const click = { ad_id: 'ad', user_id: 'u', ip: '::1', country: 'US', topic_partition: 'clicks-0', topic_offset: 0 };
  const times = { click_timestamp: iso(at(day) + 1_000), arrived_at: iso(at(arrivedAt)) };
  await insert('clicks', [{ event_id: day, ...click, ...times }]);
  const minute = { ad_id: 'ad', click_minute: at(day) / 1_000, country: 'US', clicks: 1 };
  await insert(
    'clicks_per_minute_batch',
    runs.map((run) => ({ run, ...minute })),
  );
}
const insert = (table: string, values: Record<string, unknown>[]) =>
  engines.clickhouse.insert({ table, values, format: 'JSONEachRow' });

let seq = 0;
async function record(day: string, run: number, state: string, recordedAt = iso(at(day) + DAY_MS)): Promise<void> {
  const time = iso(at(recordedAt));
  seq += 1;
  const facts = { reason: 'test', requested_by: 'test', inputs: '{}', clicks: 1, recorded_at: time, started_at: time };
  await insert('ledger', [{ date: day, seq, run, state, cut: {}, ...facts }]);
}

/** What is left: days and runs of minutes of runs, and of real time by both tables. */
async function left(): Promise<unknown[]> {
  const query = `SELECT
    (SELECT arraySort(groupArray(concat(toString(toDate(click_minute)), '/', toString(run)))) FROM clicks_per_minute_batch) AS runs,
    (SELECT sum(clicks) FROM minutes_by_ad) AS by_ad, (SELECT sum(clicks) FROM minutes_by_minute) AS by_minute`;
  const [found] = await rows<{ runs: string[]; by_ad: number; by_minute: number }>(engines.clickhouse, query);
  return [found?.runs, Number(found?.by_ad), Number(found?.by_minute)];
}
/** `day/run`, or `day/0/month` of real time. */
const gone = async (): Promise<string[]> =>
  (await readMinutesGone(engines.clickhouse))
    .map(({ day, run, month }) => [day, run, ...(month > 0 ? [month] : [])].join('/'))
    .sort();
const findings = async () => (await openFindings(engines.register)).map(({ name, what }) => [name, what]);
const night = (time: string, afterMs = 0) => dropExpiredMinutes(engines, 400, at(time) + afterMs);

test('minutes of published days are announced one night, and dropped the next', async () => {
  await arrive('2025-03-05', '2025-03-05', 1, 2);
  await arrive('2025-04-20', '2025-04-20', 1);
  // Counted lately, and answered by it.
  await arrive('2021-02-03', '2026-05-01', 1);
  for (const run of [1, 2]) await record('2025-03-05', run, 'published');
  await record('2025-04-20', 1, 'published');
  await record('2021-02-03', 1, 'published', '2026-05-02');
  const all = ['2021-02-03/1', '2025-03-05/1', '2025-03-05/2', '2025-04-20/1'];
  // 400 days after the run of 6 March.
  await night('2026-04-10');
  expect([await left(), await gone()]).toEqual([[all, 3, 3], []]);

  const announced = ['2025-03-05/1', '2025-03-05/2'];
  await night('2026-04-10', MINUTE_MS);
  // So soon a question may be at work that has read the record of before.
  await night('2026-04-10', ANNOUNCED_MS);
  expect([(await left())[0], await gone()]).toEqual([all, announced]);
  await night('2026-04-10', ANNOUNCED_MS + 2 * MINUTE_MS);
  expect([await left(), await gone()]).toEqual([[['2021-02-03/1', '2025-04-20/1'], 3, 3], announced]);

  // Whatever is set later: what is gone is gone, and the rest stays.
  await dropExpiredMinutes(engines, 1_000, at('2026-05-13'));
  expect([(await left())[0], await gone()]).toEqual([['2021-02-03/1', '2025-04-20/1'], announced]);

  // Real time goes by months of arrival, and not before the raw rows.
  for (const time of ['2026-06-10', '2026-06-11']) await night(time);
  expect(await left()).toEqual([['2021-02-03/1'], 3, 3]);
  await announceRawKept(engines.clickhouse, at('2026-05-01'), at('2026-06-11'));
  for (const time of ['2026-06-12', '2026-06-13']) await night(time);
  expect([await left(), await gone()]).toEqual([
    [['2021-02-03/1'], 1, 1],
    ['2025-03-05/0/202503', ...announced, '2025-04-20/0/202504', '2025-04-20/1'],
  ]);
  expect(await findings()).toEqual([]);
  await own.drop();
});

test.each([
  ['was given back to real time', [[0, 'published']]],
  ['is blocked', [[2, 'blocked']]],
])('a day that %s stays, with its month of arrival, and a finding says so', async (_, events) => {
  const DAY = '2025-02-03';
  const runFolder = join(archiveDir, 'runs-ledger', DAY);
  mkdirSync(runFolder, { recursive: true });
  // Blocked days are those whose runs have files in the archive.
  writeJsonAtomically(join(runFolder, '2.json'), {});
  await announceRawKept(engines.clickhouse, at('2026-04-01'), at('2026-04-01'));
  for (const day of ['2025-01-05', '2025-02-02', DAY, '2025-03-05']) {
    await arrive(day, day, 1);
    await record(day, 1, 'published');
  }
  for (const [run, state] of events as [number, string][]) await record(DAY, run, state);
  for (const time of ['2026-06-01', '2026-06-02', '2026-06-03']) await night(time);
  expect(await left()).toEqual([[`${DAY}/1`], 2, 2]);
  expect(await findings()).toEqual([
    ['minutes-kept-202502', expect.stringMatching(new RegExp(`of 2025-02 \\([1-9][0-9]* bytes in ads\\) .*: ${DAY}$`))],
  ]);

  await record(DAY, 3, 'published');
  for (const time of ['2026-06-04', '2026-06-05']) await night(time);
  expect(await left()).toEqual([[], 0, 0]);
  expect(await findings()).toEqual([]);
  await own.drop();
});

test('a month with a day that no run answers for stays, and a finding says so', async () => {
  await announceRawKept(engines.clickhouse, at('2026-04-01'), at('2026-04-01'));
  await arrive('2025-02-02', '2025-02-02', 1);
  await record('2025-02-02', 1, 'published');
  await arrive('2025-01-31', '2025-02-02');
  for (const time of ['2026-06-01', '2026-06-02']) await night(time);
  expect(await left()).toEqual([[], 2, 2]);
  expect(await findings()).toEqual([['minutes-kept-202502', expect.stringMatching(/: 2025-01-31$/)]]);
  await own.drop();
});

test('minutes of a day that somebody works on stay until the work is done', async () => {
  await arrive('2025-03-05', '2025-03-05', 1);
  await record('2025-03-05', 1, 'published');
  await night('2026-06-01');
  const lock = await lockDay(engines, '2025-03-05');
  await night('2026-06-02');
  expect((await left())[0]).toEqual(['2025-03-05/1']);
  lock.release();
  await night('2026-06-03');
  expect((await left())[0]).toEqual([]);
  await own.drop();
});
