import { expect, test } from 'vitest';
import { fileEntry, manifestOf } from '../../test/support/manifests.ts';
import type { Manifest } from '../archive/files/manifest.ts';
import { NO_FIGURES } from '../run/events.ts';
import type { LedgerRow } from '../run/ledger_row.ts';
import { cutOf } from './cut.ts';
import { archivedBelow, lostRuns, orderOf, rememberedSince } from './plan.ts';

const file = (day: string, rows: number, first: number) =>
  fileEntry(day, { rows, min_topic_offset: first, max_topic_offset: first + rows - 1 });
const range = (partition: number, from: number, to: number, arrived_to: number, files: Manifest['files']): Manifest =>
  manifestOf(partition, from, to, { arrived_from: arrived_to, arrived_to, files });
const MANIFESTS = [
  range(0, 0, 10, 1_000, [file('2026-01-01', 6, 0), file('2026-01-02', 4, 6)]),
  range(0, 10, 20, 9_000, [file('2026-01-03', 10, 10)]),
  range(1, 0, 5, 8_000, [file('2026-01-01', 5, 0)]),
];
const CUT = { 'clicks-0': 20, 'clicks-1': 5 };

test('clicks of each day below the cut, and when the last ones arrived', () => {
  expect([...archivedBelow(MANIFESTS, CUT).values()]).toEqual([
    { day: '2026-01-01', rows: 11, arrivedMs: 8_000 },
    { day: '2026-01-02', rows: 4, arrivedMs: 1_000 },
    { day: '2026-01-03', rows: 10, arrivedMs: 9_000 },
  ]);
  expect([...archivedBelow(MANIFESTS, { 'clicks-0': 10 }).keys()]).toEqual(['2026-01-01', '2026-01-02']);
});

test('a missing manifest stops it before anything is filled', () => {
  expect(() => archivedBelow(MANIFESTS.slice(1, 2).concat(range(0, 30, 40, 0, [])), CUT)).toThrow(
    'the archive of clicks-0 has no manifest of offsets 20 to 30',
  );
});

test('days without a run come first, and those that copies may come of; the others newest first', () => {
  const archived = archivedBelow(MANIFESTS, CUT);
  const published = (current: number) => ({ current, runs: [] });
  const ledger = new Map([
    ['2026-01-01', published(1)],
    ['2026-01-02', published(1)],
    ['2026-01-03', published(1)],
  ]);
  expect(orderOf(archived, ledger, Number.POSITIVE_INFINITY)).toEqual({
    first: [],
    later: ['2026-01-03', '2026-01-02', '2026-01-01'],
  });
  expect(orderOf(archived, ledger, 8_500)).toEqual({ first: ['2026-01-03'], later: ['2026-01-02', '2026-01-01'] });
  expect(orderOf(archived, new Map(ledger).set('2026-01-02', published(0)), 8_500).first).toEqual([
    '2026-01-03',
    '2026-01-02',
  ]);
  expect(rememberedSince(archived, 4_000)).toBe(4_000);
});

test('real time is filled as far as archive and sink have both come', () => {
  expect(cutOf({ a: 10, b: 20, left: 7 }, { a: 15, b: 12, unarchived: 3 })).toEqual({ a: 10, b: 12, left: 7 });
});

const event = (run: number, state: LedgerRow['state'], clicks: number): LedgerRow => ({
  ...NO_FIGURES,
  date: '2026-01-01',
  seq: 1,
  run,
  state,
  clicks,
  reason: '',
  requested_by: '',
  request: '',
  note: '',
  started_at: '2026-01-01T00:00:00.000Z',
  finished_at: null,
  recorded_at: '2026-01-01T00:00:00.000Z',
});

test('runs that were published come back, and those that wait for somebody to accept them', () => {
  const events = [
    event(1, 'counting', 0),
    event(1, 'published', 10),
    event(2, 'failed', 0),
    event(3, 'blocked', 12),
    event(4, 'previewed', 13),
    event(5, 'counting', 0),
    event(0, 'published', 0),
  ];
  expect(lostRuns('2026-01-01', events).map(({ run, clicks, wasPublished }) => [run, clicks, wasPublished])).toEqual([
    [1, 10, true],
    [3, 12, false],
  ]);
});
