import { expect, test } from 'vitest';
import { median, percentiles, round, skew } from './arithmetic.ts';

test.each([
  [[3], 3],
  [[9, 1, 5], 5],
  [[10, 2, 4, 1], 3],
  [[100, 20, 3], 20],
])('the median of %j is %d', (values, middle) => expect(median(values)).toBe(middle));

test('there is no median of nothing', () => expect(() => median([])).toThrow('no values'));

test.each([
  [[10, 10, 10, 10], 0],
  [[20, 0], 1],
  [[12, 9, 9], 0.2],
  [[100, 0, 0, 0], 3],
])('the skew of %j is %d', (counts, share) => expect(skew(counts)).toBeCloseTo(share));

test('percentiles are values that this share lies below', () => {
  const values = Array.from({ length: 200 }, (_, i) => 200 - i);
  expect(percentiles(values)).toEqual({ p50: 101, p99: 199, worst: 200 });
  expect(percentiles([7])).toEqual({ p50: 7, p99: 7, worst: 7 });
});

test('rounds to the given digits', () => {
  expect([round(1.23456), round(1.23456, 1), round(3)]).toEqual([1.235, 1.2, 3]);
});
