import { expect, test } from 'vitest';
import { EngineFailure } from '../contract/engine_failure.ts';
import type { Stores } from './engines.ts';
import { readPublishedEvents, readPublishedRuns } from './ledger.ts';

interface Rows {
  runs?: object[];
  events?: object[];
  restored?: object[];
}

const storesWith = ({ runs = [], events = [], restored = [] }: Rows): Stores => {
  const version = restored.length === 0 ? 'ledger.all_1_1_0' : 'ledger.all_1_1_0 restored.all_1_1_0';
  const rowsOf = (query: string): object[] => {
    if (query.includes('AS version')) return [{ version }];
    if (query.includes('FROM restored')) return restored;
    return query.includes('recorded_ms') ? events : runs;
  };
  const query = async ({ query }: { query: string }) => ({ json: async () => rowsOf(query) });
  return { ledger: { query } } as unknown as Stores;
};

const RANGE = { fromMs: Date.UTC(2021, 0, 1), toMs: Date.UTC(2021, 0, 3) };
const RUN = { date: '2021-01-01', run: 2, first_run: 1, cut: { 'clicks-0': 5 }, filters: ['7.1'] };
const EVENT = { date: '2021-01-01', seq: 3, run: 0, cut: {}, recorded_ms: 5 };
const { signal } = new AbortController();

test('published runs and events are read', async () => {
  const { first_run: firstRun, ...run } = RUN;
  expect(await readPublishedRuns(storesWith({ runs: [RUN] }), RANGE)).toEqual(
    new Map([['2021-01-01', { ...run, firstRun }]]),
  );
  const { recorded_ms: recordedMs, ...event } = EVENT;
  expect(await readPublishedEvents(storesWith({ events: [EVENT] }), RANGE, signal)).toEqual([{ ...event, recordedMs }]);
});

test.each<[object, string]>([
  [{ ...RUN, run: 0 }, 'run: '],
  [{ ...RUN, cut: { 'clicks-0': '5' } }, 'cut.clicks-0: '],
  [{ ...RUN, filters: null }, 'filters: '],
])(
  'a published run that is none is no failure of ClickHouse, which something else could stand in for: %j',
  async (row, expected) => {
    const error: unknown = await readPublishedRuns(storesWith({ runs: [row] }), RANGE).catch((thrown) => thrown);
    expect(error).not.toBeInstanceOf(EngineFailure);
    expect(String(error)).toContain(`row 1 of sql/clickhouse/queries/api_published_runs.sql: ${expected}`);
  },
);

const BEGUN = { step: 'begun', day: '1970-01-01', run: 0, facts: '' };

test('until a day is back, a question about it is a failure of ClickHouse that says so', async () => {
  const restoring = storesWith({ runs: [RUN], restored: [BEGUN, { ...BEGUN, step: 'minutes', day: RUN.date }] });
  const ofRun = { fromMs: Date.UTC(2021, 0, 1), toMs: Date.UTC(2021, 0, 2) };
  expect((await readPublishedRuns(restoring, ofRun)).size).toBe(1);
  for (const asking of [
    readPublishedRuns(restoring, ofRun, 'raw'),
    readPublishedRuns(restoring, RANGE),
    readPublishedEvents(restoring, ofRun, signal),
  ]) {
    const error: unknown = await asking.catch((thrown) => thrown);
    expect(error).toBeInstanceOf(EngineFailure);
    expect(String(error)).toMatch(/ClickHouse was lost, and (2021-01-01|days without a run) are not back yet/);
  }
  const over = storesWith({ runs: [RUN], restored: [BEGUN, { ...BEGUN, step: 'ended' }] });
  expect((await readPublishedRuns(over, RANGE, 'raw')).size).toBe(1);
});
