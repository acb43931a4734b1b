import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Counts, ratesOf } from './rates.ts';

test.each<[Counts, number | null, number | null]>([
  [{ impressions: 3, clicks: 1, conversions: 1 }, 1 / 3, 1],
  [{ impressions: 200, clicks: 3, conversions: 0 }, 0.015, 0],
  [{ impressions: 0, clicks: 0, conversions: 0 }, null, null],
  [{ impressions: 5, clicks: 0, conversions: 2 }, 0, null],
  // Clicks can be more than impressions: these may be on another day, or not sent at all.
  [{ impressions: 0, clicks: 4, conversions: 6 }, null, 1.5],
  [{ impressions: 2, clicks: 4, conversions: 6 }, 2, 1.5],
  [{ impressions: null, clicks: 4, conversions: 1 }, null, 0.25],
  [{ impressions: 8, clicks: null, conversions: 1 }, null, null],
  [{ impressions: 8, clicks: 2, conversions: null }, 0.25, null],
])('the rates of %j are %s and %s', (counts, ctr, cvr) => {
  expect(ratesOf(counts)).toEqual({ ctr, cvr });
});

test('the rate of two parts lies between theirs, and is that of their sums', () => {
  const part = fc.record({ impressions: fc.integer({ min: 1, max: 1e9 }), clicks: fc.nat(1e9) });
  fc.assert(
    fc.property(part, part, (a, b) => {
      const ctrOf = (one: { impressions: number; clicks: number }) => ratesOf({ ...one, conversions: null }).ctr ?? -1;
      const both = ctrOf({ impressions: a.impressions + b.impressions, clicks: a.clicks + b.clicks });
      const [low, high] = [Math.min(ctrOf(a), ctrOf(b)), Math.max(ctrOf(a), ctrOf(b))];
      const rounding = 1e-12 * Math.max(1, high);
      return both >= low - rounding && both <= high + rounding;
    }),
  );
});
