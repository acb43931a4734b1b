import { expect, it } from 'vitest';
import { judge, type RunOfDay, type StoredCopy } from './judge.ts';

const copy = (offset: number, some: Partial<StoredCopy> = {}): StoredCopy => ({
  stored: 'raw',
  ad_id: 'ad1',
  time: '2021-01-01T12:00:00.000Z',
  user_id: 'u',
  ip: '10.0.0.1',
  country: 'USA',
  arrived_at: '2021-01-01T12:00:01.000Z',
  topic_partition: 'clicks-0',
  topic_offset: offset,
  ...some,
});
const dropped = (offset: number) => copy(offset, { stored: 'copy' });
const run = (number: number, to: number, isCurrent = true): RunOfDay => ({
  run: number,
  cut: { 'clicks-0': to },
  isCurrent,
});

it.each<[string, StoredCopy[], RunOfDay[], [counted: boolean, reason: string | null, runs: number[]][]]>([
  ['a day without a run counts what is raw', [copy(1)], [], [[true, null, []]]],
  [
    'a copy within the window was dropped',
    [copy(1), dropped(2)],
    [],
    [
      [true, null, []],
      [false, 'copy_in_window', []],
    ],
  ],
  [
    'a copy beyond the window counts until a run',
    [copy(1), copy(2)],
    [],
    [
      [true, null, []],
      [true, null, []],
    ],
  ],
  [
    'a run counts the first of equal ones',
    [copy(1), copy(2), dropped(3)],
    [run(1, 9)],
    [
      [true, null, [1]],
      [false, 'copy_in_run', [1]],
      [false, 'copy_in_window', [1]],
    ],
  ],
  [
    'other content is an event of its own',
    [copy(1), copy(2, { country: 'DEU' })],
    [run(1, 9)],
    [
      [true, null, [1]],
      [true, null, [1]],
    ],
  ],
  ['beyond the cut it is late', [copy(9)], [run(1, 9)], [[false, 'late', []]]],
  ['a later run has it', [copy(9)], [run(1, 9, false), run(2, 10)], [[true, null, [2]]]],
  [
    'a copy beyond the cut is a copy',
    [copy(1), copy(9)],
    [run(1, 9)],
    [
      [true, null, [1]],
      [false, 'copy_in_run', []],
    ],
  ],
  ['rolled back to real time, it counts as it came', [copy(1)], [run(1, 9, false)], [[true, null, [1]]]],
])('%s', (_, copies, runs, expected) => {
  const judged = judge(copies, (day) => (day === '2021-01-01' ? runs : []));
  expect(judged.map(({ counted, reason, runs }) => [counted, reason, runs])).toEqual(expected);
});
