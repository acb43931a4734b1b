import { expect, it } from 'vitest';
import type { BatchRun } from '../ledger.ts';
import { rollbackTarget } from './rollback.ts';

const DAY = '2021-01-01';
const run = (number: number, published_at: string | null = '2021-01-02T02:00:00.000Z'): BatchRun => ({
  day: DAY,
  run: number,
  state: 'published',
  reason: '',
  requested_by: '',
  started_at: '',
  finished_at: null,
  published_at,
  clicks: 0,
  copies_dropped: 0,
  late_included: 0,
  cut: {},
  inputs: '',
  difference: 0,
});
const request = (number: number) => ({ day: DAY, run: number, reason: '', requestedBy: '' });
const current = (number: number) => ({ day: DAY, run: number, cut: {}, seq: 1 });

it.each([
  ['from the current run to the one before', [run(1), run(2)], 2, 2, 1],
  ['past one that was never published', [run(1), run(2, null), run(3)], 3, 3, 1],
  ['from the first to real time', [run(1)], 1, 1, 0],
  ['to an older run that is named', [run(1), run(2), run(3)], 3, 1, 1],
])('goes back %s', (_, runs, from, named, to) => {
  expect(rollbackTarget(runs, current(from), request(named))).toBe(to);
});

it.each([
  ['a run that is not there', [run(1)], current(1), 2, 'has no run 2'],
  ['one that was never published', [run(1, null), run(2)], current(2), 1, 'answered from run 2'],
  ['one newer than the current', [run(1), run(2)], current(1), 2, 'answered from run 1'],
  ['one of a day at real time', [run(1)], current(0), 1, 'answered from its real-time counts'],
  ['one of a day never published', [run(1, null)], undefined, 1, 'answered from its real-time counts'],
])('refuses %s', (_, runs, now, number, message) => {
  expect(() => rollbackTarget(runs, now, request(number))).toThrow(message);
});
