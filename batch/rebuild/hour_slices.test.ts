import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../domain/time.ts';
import { hourSlices } from './hour_slices.ts';

const DAY_MS = Date.UTC(2021, 0, 1);
const hour = (n: number, rows: number) => ({ minuteMs: DAY_MS + n * HOUR_MS + 7 * MINUTE_MS, rows });

test.each<[string, ReturnType<typeof hour>[], number[]]>([
  ['a day without rows is one', [], [0, 24]],
  ['a day with few is one', [hour(0, 3), hour(23, 7)], [0, 24]],
  ['hours that do not go together', [hour(3, 6), hour(4, 5), hour(9, 5), hour(10, 1)], [0, 4, 10, 24]],
  ['an hour with more than fit', [hour(5, 25), hour(6, 1)], [0, 5, 6, 24]],
])('%s', (_, minutes, bounds) => {
  const slices = hourSlices(minutes, DAY_MS, 10);
  expect(slices).toEqual(bounds.slice(1).map((to, n) => ({ from: bounds[n], to })));
});

test('every hour is in one slice, and a slice of several hours has no more rows than it may', () => {
  const minutes = fc.array(fc.record({ minute: fc.nat(1_439), rows: fc.nat(40) }));
  fc.assert(
    fc.property(minutes, fc.nat(50), (some, most) => {
      const placed = some.map(({ minute, rows }) => ({ minuteMs: DAY_MS + minute * MINUTE_MS, rows }));
      const slices = hourSlices(placed, DAY_MS, most);
      const hours = slices.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, n) => from + n));
      expect(hours).toEqual(Array.from({ length: 24 }, (_, n) => n));
      for (const { from, to } of slices.filter(({ from, to }) => to - from > 1)) {
        const within = some.filter(({ minute }) => minute >= from * 60 && minute < to * 60);
        expect(within.reduce((sum, { rows }) => sum + rows, 0)).toBeLessThanOrEqual(most);
      }
    }),
  );
});
