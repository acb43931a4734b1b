import { expect, test } from 'vitest';
import { monthBefore, weeksOf } from './calendar.ts';

test.each([
  ['2026-11', 6, '2026-11-01', 6, '2026-11-30'],
  ['2026-02', 5, '2026-02-01', 6, '2026-02-28'],
  ['2024-02', 5, '2024-02-01', 3, '2024-02-29'],
  ['2027-02', 4, '2027-02-01', 0, '2027-02-28'],
])('%s has %i weeks, and its first day %s is in column %i', (month, weeks, first, column, last) => {
  const rows = weeksOf(month);
  const days = rows.flat().filter((day) => day !== null);
  expect(rows[0]?.indexOf(first)).toBe(column);
  expect([days[0], days.at(-1), new Set(days).size]).toEqual([first, last, Number(last.slice(8))]);
  expect(rows.every((row) => row.length === 7)).toBe(true);
  expect(rows).toHaveLength(weeks);
});

test.each([
  ['2026-11', 1, '2026-10'],
  ['2026-01', 1, '2025-12'],
  ['2026-01', 13, '2024-12'],
  ['2026-12', -1, '2027-01'],
])('%s less %i months is %s', (month, months, expected) => expect(monthBefore(month, months)).toBe(expected));
