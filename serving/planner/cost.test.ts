import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALL_CLICKS } from '../../domain/filters/filter.ts';
import { DAY_MS } from '../../domain/time.ts';
import { excessCost } from './cost.ts';

const START_MS = Date.UTC(2021, 0, 1);
const question = (days: number, values: number, adId: string | null) => ({
  adId,
  fromMs: START_MS,
  toMs: START_MS + days * DAY_MS,
  registered: null,
  asOfMs: null,
  filter: { ...ALL_CLICKS, ip: { in: Array<string>(values).fill('10.0.0.0/8'), not: [] } },
});

test.each<[days: number, values: number, adId: string | null, allowed: [days: number, values: number] | null]>([
  [1, 100, 'ad', null],
  [31, 100, 'ad', null],
  [366, 9, 'ad', null],
  [366, 10, 'ad', [363, 9]],
  [4_000, 0, 'ad', null],
  [4_001, 0, 'ad', [4_000, 0]],
  [3_600_000, 3, 'ad', [1_000, 0]],
  [31, 11, null, null],
  [31, 100, null, [3, 11]],
])('%i days by %i values of %s', (days, values, adId, allowed) => {
  const refused = excessCost(question(days, values, adId));
  expect(refused && [refused.allowedDays, refused.allowedValues]).toEqual(allowed);
});

test('the stated limit is allowed, and no more would be', () => {
  const drawn = fc.tuple(fc.integer({ min: 1, max: 5_000 }), fc.nat(300), fc.constantFrom('ad', null));
  fc.assert(
    fc.property(drawn, ([days, values, adId]) => {
      const refused = excessCost(question(days, values, adId));
      if (refused === null) return;
      if (refused.allowedDays > 0) expect(excessCost(question(refused.allowedDays, values, adId))).toBeNull();
      expect(excessCost(question(refused.allowedDays + 1, values, adId))).not.toBeNull();
      expect(excessCost(question(days, refused.allowedValues + 1, adId))).not.toBeNull();
      if (refused.allowedValues > 0) expect(excessCost(question(days, refused.allowedValues, adId))).toBeNull();
    }),
  );
});
