import { expect, test } from 'vitest';
import { highest, lineOf } from './spark.ts';

test.each<[(number | null)[], number, string]>([
  [[], 0, ''],
  [[0, 0], 0, 'M0 24L200 24'],
  [[0, 10], 10, 'M0 23L200 1'],
  [[5, null, 10], 10, 'M0 12M200 1'],
  [[3], 3, 'M0 1'],
])('%j below %i is the line %s', (values, most, line) => expect(lineOf(values, most)).toBe(line));

test('the highest of many', () => {
  expect([highest([]), highest(Array.from({ length: 300_000 }, (_, n) => n))]).toEqual([0, 299_999]);
});
