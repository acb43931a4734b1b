import { expect, test } from 'vitest';
import { Pace } from './pace.ts';

test('some new days at once, then only as many as fit into a fifth of the time', () => {
  const pace = new Pace();
  for (let made = 0; made < 6; made++) {
    expect(pace.hasTime(0)).toBe(true);
    pace.spent(500);
  }
  expect(pace.hasTime(0)).toBe(false);
  expect(pace.hasTime(1_000)).toBe(true);
  pace.spent(500);
  expect(pace.hasTime(2_000)).toBe(false);
  expect(pace.hasTime(3_000)).toBe(true);
});

test('no more than a few seconds are saved up, however long it was idle', () => {
  const pace = new Pace();
  pace.hasTime(0);
  expect(pace.hasTime(3_600_000)).toBe(true);
  pace.spent(3_000);
  expect(pace.hasTime(3_600_000)).toBe(false);
});
