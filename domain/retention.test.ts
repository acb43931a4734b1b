import { expect, test } from 'vitest';
import { monthNumber, rawKeptSinceMs } from './retention.ts';

test.each([
  ['2026-03-31T23:59:59Z', 202603],
  ['2026-03-30T00:00:00Z', 202602],
  ['2026-01-01T00:00:00Z', 202512],
])('at %s all raw clicks since the first of month %i are kept', (now, month) => {
  const since = rawKeptSinceMs(Date.parse(now));
  expect(monthNumber(since)).toBe(month);
  expect(Date.parse(now) - since).toBeGreaterThanOrEqual(30 * 86_400_000);
});
