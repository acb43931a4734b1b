import { expect, test } from 'vitest';
import type { RunFigures } from '../../domain/batch_run.ts';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import { figuresOf, NO_FIGURES } from './events.ts';
import { type BatchRun, batchRuns } from './ledger.ts';

const FIGURES: RunFigures = {
  clicks: 10,
  copies_dropped: 1,
  late_included: 2,
  cut: { 'clicks-0': 11 },
  inputs: '{"files":1}',
  difference: -1,
  conflicts: 0,
  annotation_conflicts: 0,
  previous_run: 1,
  change: 3,
  verdict: 'tolerated',
  unexplained: 1,
};

const RUN: BatchRun = {
  day: '2021-01-01',
  run: 2,
  state: 'published',
  reason: 'nightly',
  requested_by: 'nightly',
  started_at: '2021-01-02T01:00:00.000Z',
  finished_at: '2021-01-02T01:01:00.000Z',
  published_at: '2021-01-02T01:01:00.000Z',
  rolled_back_at: null,
  ...FIGURES,
  accepted_by: '',
  accepted_reason: '',
  request: '',
  note: '',
};

const answering = (rows: unknown[]) =>
  ({ query: async () => ({ json: async () => rows }) }) as unknown as ClickHouseClient;

test('the figures of a run are its own and nothing else of it', () => {
  expect(figuresOf(RUN)).toEqual(FIGURES);
  expect(Object.keys(NO_FIGURES)).toEqual(Object.keys(FIGURES));
});

test('runs are as ads.batch_runs has them', async () => {
  expect(await batchRuns(answering([RUN]), null)).toEqual([RUN]);
});

test.each<[string, unknown, string]>([
  ['a state that nobody knows', { ...RUN, state: 'accepted_by_nobody' }, 'state: '],
  ['clicks that are a text', { ...RUN, clicks: '10' }, 'clicks: '],
  ['clicks that are beyond what a number holds', { ...RUN, clicks: 2 ** 53 }, 'clicks: '],
  ['no verdict', { ...RUN, verdict: null }, 'verdict: '],
  ['a cut without an offset', { ...RUN, cut: { 'clicks-0': null } }, 'cut.clicks-0: '],
  ['a time that is none', { ...RUN, published_at: '2021-01-02 01:01:00' }, 'published_at: '],
])('a run with %s is refused', async (_, row, expected) => {
  const read = batchRuns(answering([row]), null);
  await expect(read).rejects.toThrow('row 1 of sql/clickhouse/queries/batch_runs.sql: ');
  await expect(read).rejects.toThrow(expected);
});
