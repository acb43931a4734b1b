import { expect, test } from 'vitest';
import { slicesOf } from './slices.ts';

const rows = (...counts: number[]) => counts.map((count, n) => ({ minuteMs: n * 60_000, rows: count }));

test.each([
  ['nothing', [], []],
  ['minutes that fit into one', rows(3, 3, 4), [[0, 3, 1]]],
  [
    'minutes that do not',
    rows(6, 4, 1, 9),
    [
      [0, 2, 1],
      [2, 4, 1],
    ],
  ],
  [
    'a minute with too many',
    rows(1, 25, 1),
    [
      [0, 1, 1],
      [1, 2, 3],
      [2, 3, 1],
    ],
  ],
  [
    'minutes far apart',
    [
      { minuteMs: 0, rows: 1 },
      { minuteMs: 600_000, rows: 1 },
    ],
    [[0, 11, 1]],
  ],
])('%s', (_, minutes, expected) => {
  const slices = slicesOf(minutes, 10);
  expect(slices.map(({ fromMs, toMs, pieces }) => [fromMs / 60_000, toMs / 60_000, pieces])).toEqual(expected);
});
