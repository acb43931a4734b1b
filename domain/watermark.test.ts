import { describe, expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS } from './time.ts';
import { boundaryOf, freshnessMs, isAhead, isClosed, type PartitionProgress, watermark } from './watermark.ts';

const [NOW, LATENESS] = [100 * MINUTE_MS, MINUTE_MS];

const behind = (arrivedMs: number | null): PartitionProgress => ({ caughtUp: false, arrivedMs });
const caughtUp = (arrivedMs: number | null): PartitionProgress => ({ caughtUp: true, arrivedMs });

test.each<[string, PartitionProgress[], number | null]>([
  ['no partitions', [], NOW - LATENESS],
  ['all have caught up', [caughtUp(NOW - 5), caughtUp(NOW - 9)], NOW - LATENESS],
  ['an idle partition does not hold it', [caughtUp(0), caughtUp(null)], NOW - LATENESS],
  ['the slowest partition holds it', [behind(NOW - 5_000), behind(NOW - 9_000), caughtUp(0)], NOW - 9_000 - LATENESS],
  ['a partition that has counted nothing yet leaves it unknown', [behind(null), caughtUp(NOW)], null],
  ['an arrival in the future does not advance it', [behind(NOW + 5_000)], NOW - LATENESS],
])('watermark: %s', (_, partitions, expected) => {
  expect(watermark(partitions, NOW, LATENESS)).toBe(expected);
});

test('a minute is closed once its end has passed, and the boundary is the first that is not', () => {
  expect(isClosed(0, MINUTE_MS - 1)).toBe(false);
  expect(isClosed(0, MINUTE_MS)).toBe(true);
  expect(boundaryOf(2 * MINUTE_MS - 1)).toBe(MINUTE_MS);
  expect(boundaryOf(2 * MINUTE_MS)).toBe(2 * MINUTE_MS);
});

describe('freshness', () => {
  test.each<[what: string, watermarkMs: number, ms: number | null]>([
    ['everything is counted', NOW - LATENESS, 0],
    ['nothing was counted for a day', NOW - LATENESS - DAY_MS, DAY_MS],
    ['the watermark is ahead by what clocks may differ', NOW - LATENESS + 5_000, 0],
    ['the watermark is ahead by more: nobody knows', NOW - LATENESS + 5_001, null],
    ['the watermark is a day ahead', NOW + DAY_MS, null],
  ])('%s', (_, watermarkMs, ms) => expect(freshnessMs(watermarkMs, LATENESS, NOW)).toBe(ms));

  test('grows while the watermark stands still', () => {
    const ages = [0, 1, 2].map((minutes) => freshnessMs(NOW - LATENESS, LATENESS, NOW + minutes * MINUTE_MS));
    expect(ages).toEqual([0, MINUTE_MS, 2 * MINUTE_MS]);
  });
});

test('a boundary is ahead once it lies after the present', () => {
  expect(isAhead(NOW, NOW)).toBe(false);
  expect(isAhead(NOW + 1, NOW)).toBe(true);
});
