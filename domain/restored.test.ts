import { expect, test } from 'vitest';
import { notBack, type RestoredRow, rawMissing, restoredOf, type Takes } from './restored.ts';

const [FIRST, SECOND, OPEN] = ['2026-03-01', '2026-03-02', '2026-03-03'] as const;
const RUNS = new Map([
  [FIRST, { run: 2 }],
  [SECOND, { run: 1 }],
]);
const step = (step: RestoredRow['step'], day = '1970-01-01', run = 0): RestoredRow => ({ step, day, run, facts: '' });
const BEGUN = [step('begun')];
const REALTIME = [...BEGUN, step('cut'), step('filled'), step('realtime')];

test('a ClickHouse without such rows was never lost', () => {
  expect(restoredOf([])).toBe(null);
});

test.each<[string, RestoredRow[], from: string, to: string, Takes, string | null]>([
  ['nothing is back', BEGUN, FIRST, FIRST, 'minutes', FIRST],
  ['nothing is back', BEGUN, OPEN, OPEN, 'minutes', 'days without a run'],
  ['nothing is back', BEGUN, FIRST, OPEN, 'minutes', `${FIRST} and 1 more days`],
  [
    'the sink counts, and has not come as far as before',
    [...BEGUN, step('filled')],
    OPEN,
    OPEN,
    'minutes',
    'days without a run',
  ],
  ['real time is back', REALTIME, OPEN, OPEN, 'raw', null],
  ['real time is back', REALTIME, SECOND, OPEN, 'minutes', SECOND],
  ['minutes are back', [...REALTIME, step('minutes', SECOND)], SECOND, OPEN, 'minutes', null],
  ['minutes are back, raw clicks are not', [...REALTIME, step('minutes', SECOND)], SECOND, OPEN, 'raw', SECOND],
  ['both are back', [...REALTIME, step('minutes', SECOND), step('raw', SECOND)], SECOND, OPEN, 'raw', null],
  ['raw clicks are back before the minutes', [...REALTIME, step('raw', SECOND)], SECOND, SECOND, 'raw', SECOND],
  ['it has ended', [...REALTIME, step('ended')], FIRST, OPEN, 'raw', null],
  ['its run is withheld', [...REALTIME, step('withheld', FIRST, 2), step('ended')], FIRST, OPEN, 'minutes', FIRST],
  ['another run of it is withheld', [...REALTIME, step('withheld', FIRST, 1), step('ended')], FIRST, OPEN, 'raw', null],
])('%s', (_, rows, from, to, takes, expected) => {
  const restored = restoredOf(rows);
  expect(restored && notBack(restored, { from, to }, RUNS, takes)).toBe(expected);
});

test('raw clicks of days whose minutes are back are taken from Hive meanwhile', () => {
  const rows = [...REALTIME, step('minutes', FIRST), step('minutes', SECOND), step('raw', SECOND)];
  const ofRows = (found: RestoredRow[]) => {
    const restored = restoredOf(found);
    return restored && rawMissing(restored, RUNS.keys());
  };
  expect(ofRows(rows)).toEqual([FIRST]);
  expect(ofRows([...rows, step('ended')])).toEqual([]);
});
