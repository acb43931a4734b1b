import { describe, expect, test } from 'vitest';
import { backoffMs, failuresAfter } from './backoff.ts';

const PAUSES = { firstRestartMs: 500, longestRestartMs: 10_000 };

describe('pause before a restart', () => {
  test.each([
    [1, 500],
    [2, 1_000],
    [3, 2_000],
    [5, 8_000],
    [6, 10_000],
    [60, 10_000],
    [5_000, 10_000],
  ])('after %i failures in a row: %i ms', (failures, ms) => {
    expect(backoffMs(failures, PAUSES)).toBe(ms);
  });

  test.each([
    ['never ready', 3, undefined, 4],
    ['ready for too short a time', 3, 9_999, 4],
    ['healthy, then died', 3, 10_000, 1],
  ])('%s', (_case, before, readyMs, after) => {
    expect(failuresAfter(before, readyMs, PAUSES)).toBe(after);
  });
});
