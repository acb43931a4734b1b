import { expect, test } from 'vitest';
import { changeOf, meanOf, perMinute, rankChange, ratioOf } from './compare.ts';

test.each([
  [110, 100, { difference: 10, ratio: 0.1 }],
  [50, 100, { difference: -50, ratio: -0.5 }],
  [0, 100, { difference: -100, ratio: -1 }],
  [7, 0, { difference: 7, ratio: null }],
  [0, 0, { difference: 0, ratio: null }],
  [0.03, 0.02, { difference: expect.closeTo(0.01), ratio: expect.closeTo(0.5) }],
  [7, null, null],
  [null, 7, null],
  [undefined, 7, null],
])('from %s now and %s before: %o', (now, before, expected) => expect(changeOf(now, before)).toEqual(expected));

test.each([
  [1, 4, 0.25],
  [0, 4, 0],
  [4, 0, null],
  [null, 4, null],
  [1, undefined, null],
])('%s of %s is %s', (part, whole, expected) => expect(ratioOf(part, whole)).toBe(expected));

test.each([
  [120, 60_000, 120],
  [3, 90_000, 2],
  [3, 0, null],
  [3, -1, null],
])('%i in %i ms is %s a minute', (count, ms, expected) => expect(perMinute(count, ms)).toBe(expected));

test.each([
  ['a', 0, ['a', 'b'], 0],
  ['b', 0, ['a', 'b'], 1],
  ['a', 1, ['a', 'b'], -1],
  ['c', 1, ['a', 'b'], 'new'],
  ['c', 1, [], 'new'],
  ['a', 0, null, null],
])('%s at %i after %o: %s', (id, rank, before, expected) => expect(rankChange(id, rank, before)).toBe(expected));

test.each([
  [[], null],
  [[{ count: 4, isComplete: true }], 4],
  [
    [
      { count: 4, isComplete: true },
      { count: 8, isComplete: true },
      { count: 1, isComplete: false },
    ],
    6,
  ],
  [
    [
      { count: 4, isComplete: true },
      { count: null, isComplete: true },
    ],
    4,
  ],
  [[{ count: 4, isComplete: false }], null],
])('the mean of %o is %s', (points, expected) => expect(meanOf(points)).toBe(expected));
