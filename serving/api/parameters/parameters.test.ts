import { expect, test } from 'vitest';
import { INSTANT_PATTERN, parseInstant } from './instant.ts';

const NEW_YEAR = Date.UTC(2021, 0, 1);

test.each<[string, number | null]>([
  ['1609459200000', NEW_YEAR],
  ['0', 0],
  ['2021-01-01', NEW_YEAR],
  ['2021-01-01T00:00Z', NEW_YEAR],
  ['2021-01-01T00:00:00Z', NEW_YEAR],
  ['2021-01-01T00:00:00.25Z', NEW_YEAR + 250],
  ['2021-01-01T00:00:00.1239Z', NEW_YEAR + 123],
  ['2021-01-01T02:30:00+02:30', NEW_YEAR],
  ['2021-01-01T02:00:00+02', NEW_YEAR],
  ['2021-01-01T02:30:00 02:30', NEW_YEAR],
  ['2020-12-31T19:00:00-0500', NEW_YEAR],
  ['2021-01-01 00:00:00', null],
  ['2021-01-01 00:00:00Z', null],
  ['2021-01-01T00:00:00', null],
  ['2021-01-01T24:00:00Z', null],
  ['2021-01-01T00:00:00+25:00', null],
  ['2021-02-30', null],
  ['2021-1-1', null],
  ['-1', null],
  ['1e3', null],
  ['999999999999999', null],
  ['', null],
])('%s is the instant %s', (text, expected) => {
  expect(parseInstant(text)).toBe(expected);
  if (expected !== null) expect(text).toMatch(new RegExp(INSTANT_PATTERN));
});
