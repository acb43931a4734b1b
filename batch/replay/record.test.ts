import { expect, test } from 'vitest';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import { lastReplay, replaysOf } from './record.ts';

const answering = (rows: unknown[]) =>
  ({ query: async () => ({ json: async () => rows }) }) as unknown as ClickHouseClient;

const HELD = { raw_rows: 3, copies_dropped: 1, clicks_by_ad: 3, clicks_by_minute: 3 };
const ROW = {
  replay: 2,
  state: 'done',
  from: '2021-01-01',
  to: '2021-01-03',
  reason: 'a fault',
  requested_by: 'me',
  started_at: '2021-01-04T00:00:00.000Z',
  recorded_at: '2021-01-04T00:01:00.000Z',
  months: ['202101'],
  cut: { 'clicks-0': 5 },
  inputs: '',
  before: 'null',
  after: JSON.stringify(HELD),
  note: '',
};

test('replays are read with what the tables held', async () => {
  expect(await replaysOf(answering([ROW]), null)).toEqual([{ ...ROW, before: null, after: HELD }]);
  expect(await lastReplay(answering([{ replay: 2 }]))).toBe(2);
  expect(await lastReplay(answering([]))).toBe(0);
});

const OF_ROW = 'row 1 of sql/clickhouse/queries/replays.sql: ';
test.each<[object, string]>([
  [{ state: 'decided' }, `${OF_ROW}state: `],
  [{ started_at: '2021-01-04 00:00:00' }, `${OF_ROW}started_at: `],
  [{ months: ['2021-01'] }, `${OF_ROW}months.0: `],
  [{ cut: { 'clicks-0': '5' } }, `${OF_ROW}cut.clicks-0: `],
  [{ before: '' }, 'ads.replays: before of replay 2: not JSON'],
  [{ after: JSON.stringify({ ...HELD, raw_rows: '3' }) }, 'ads.replays: after of replay 2: raw_rows: '],
])('a replay that is none is refused: %j', async (wrong, expected) => {
  await expect(replaysOf(answering([{ ...ROW, ...wrong }]), null)).rejects.toThrow(expected);
});
