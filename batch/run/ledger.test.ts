import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { RunFigures } from '../../domain/batch_run.ts';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import { figuresOf, NO_FIGURES } from './events.ts';
import { type BatchRun, batchRuns, type LedgerEvent, record } from './ledger.ts';

const FIGURES: RunFigures = {
  clicks: 10,
  copies_dropped: 1,
  late_included: 2,
  cut: { 'clicks-0': 11 },
  inputs: '{"files":1}',
  difference: -1,
  conflicts: 0,
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

const EVENT: LedgerEvent = {
  day: '2021-01-01',
  run: 2,
  state: 'published',
  reason: 'nightly',
  requested_by: 'nightly',
  started_at: Date.UTC(2021, 0, 2),
  finished_at: null,
  ...NO_FIGURES,
  request: '',
  note: '',
};

/** Answers every query with the rows that it is given for it, and keeps what is inserted. */
function fake(rowsOf: (query: string) => unknown[]) {
  const inserted: unknown[] = [];
  const clickhouse = {
    query: async ({ query }: { query: string }) => ({ json: async () => rowsOf(query) }),
    insert: async ({ values }: { values: unknown[] }) => void inserted.push(...values),
  } as unknown as ClickHouseClient;
  return { clickhouse, inserted };
}

const ofRuns = (rows: unknown[]) => fake(() => rows).clickhouse;

test('the figures of a run are its own and nothing else of it', () => {
  expect(figuresOf(RUN)).toEqual(FIGURES);
  expect(Object.keys(NO_FIGURES)).toEqual(Object.keys(FIGURES));
});

test('runs are as ads.batch_runs has them', async () => {
  expect(await batchRuns(ofRuns([RUN]), null)).toEqual([RUN]);
});

test.each<[string, unknown, string]>([
  ['a state that nobody knows', { ...RUN, state: 'accepted_by_nobody' }, 'state: '],
  ['clicks that are a text', { ...RUN, clicks: '10' }, 'clicks: '],
  ['clicks that are beyond what a number holds', { ...RUN, clicks: 2 ** 53 }, 'clicks: '],
  ['no verdict', { ...RUN, verdict: null }, 'verdict: '],
  ['a cut without an offset', { ...RUN, cut: { 'clicks-0': null } }, 'cut.clicks-0: '],
  ['a time that is none', { ...RUN, published_at: '2021-01-02 01:01:00' }, 'published_at: '],
])('a run with %s is refused', async (_, row, expected) => {
  const read = batchRuns(ofRuns([row]), null);
  await expect(read).rejects.toThrow('row 1 of sql/clickhouse/queries/batch_runs.sql: ');
  await expect(read).rejects.toThrow(expected);
});

test('an event is written with the next number, and Hive is told of the runs in the order of their columns', async () => {
  const archiveDir = mkdtempSync(join(tmpdir(), 'ledger-'));
  onTestFinished(() => rmSync(archiveDir, { recursive: true }));
  // The columns of a row are in no order that could be relied on.
  const shuffled = Object.fromEntries(Object.entries(RUN).reverse());
  const { clickhouse, inserted } = fake((query) =>
    query.includes('max(seq) + 1') ? [{ seq: 5, run: 2 }] : [shuffled],
  );
  expect(await record({ clickhouse, archiveDir }, EVENT, Date.UTC(2021, 0, 3))).toBe(5);
  expect(inserted).toMatchObject([{ date: '2021-01-01', seq: 5, state: 'published', finished_at: null }]);
  const columns = Object.keys(JSON.parse(readFileSync(join(archiveDir, 'batch_runs', '2021-01-01.json'), 'utf8')));
  expect(columns).toEqual([
    'date',
    ...Object.keys(RUN).filter((name) => name !== 'day' && !name.endsWith('_at')),
    'started_at',
    'finished_at',
    'published_at',
    'rolled_back_at',
  ]);
});

test.each<[string, object]>([
  ['a state that is none of an event', { state: 'superseded' }],
  ['clicks that are not a number', { clicks: Number.NaN }],
  ['a figure that nobody knows', { copies_droped: 1 }],
  ['no reason', { reason: undefined }],
])('an event with %s is not written', async (_, wrong) => {
  const { clickhouse, inserted } = fake(() => [{ seq: 1 }]);
  const event = { ...EVENT, ...wrong } as LedgerEvent;
  await expect(record({ clickhouse, archiveDir: '/nowhere' }, event, 0)).rejects.toThrow('an event of the ledger: ');
  expect(inserted).toEqual([]);
});
