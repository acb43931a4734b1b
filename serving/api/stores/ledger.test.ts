import { expect, test } from 'vitest';
import { EngineFailure } from '../contract/engine_failure.ts';
import type { Stores } from './engines.ts';
import { readPublishedEvents, readPublishedRuns } from './ledger.ts';

const storesWith = (runs: object[], events: object[] = []): Stores =>
  ({
    clickhouse: {
      query: async ({ query }: { query: string }) => ({
        json: async () => {
          if (query.includes('AS version')) return [{ version: 'a' }];
          return query.includes('recorded_ms') ? events : runs;
        },
      }),
    },
  }) as unknown as Stores;

const RANGE = { fromMs: Date.UTC(2021, 0, 1), toMs: Date.UTC(2021, 0, 3) };
const RUN = { date: '2021-01-01', run: 2, first_run: 1, cut: { 'clicks-0': 5 }, filters: ['7.1'] };
const EVENT = { date: '2021-01-01', seq: 3, run: 0, cut: {}, recorded_ms: 5 };
const { signal } = new AbortController();

test('published runs and events are read', async () => {
  const { first_run: firstRun, ...run } = RUN;
  expect(await readPublishedRuns(storesWith([RUN]), RANGE)).toEqual(new Map([['2021-01-01', { ...run, firstRun }]]));
  const { recorded_ms: recordedMs, ...event } = EVENT;
  expect(await readPublishedEvents(storesWith([RUN], [EVENT]), RANGE, signal)).toEqual([{ ...event, recordedMs }]);
});

test.each<[object, string]>([
  [{ ...RUN, run: 0 }, 'run: '],
  [{ ...RUN, cut: { 'clicks-0': '5' } }, 'cut.clicks-0: '],
  [{ ...RUN, filters: null }, 'filters: '],
])(
  'a published run that is none is no failure of ClickHouse, which something else could stand in for: %j',
  async (row, expected) => {
    const error: unknown = await readPublishedRuns(storesWith([row]), RANGE).catch((thrown) => thrown);
    expect(error).not.toBeInstanceOf(EngineFailure);
    expect(String(error)).toContain(`row 1 of sql/clickhouse/queries/api_published_runs.sql: ${expected}`);
  },
);
