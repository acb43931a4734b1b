import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ceilTo,
  DAY_MS,
  dayOf,
  dayStartMs,
  daysBetween,
  floorTo,
  isDay,
  iso,
  MINUTE_MS,
  minuteOf,
  parseLogTime,
} from './time.ts';

const SECOND = Date.UTC(2021, 0, 1, 0, 0, 1);

test.each([
  ['2021-01-01 00:00:01', SECOND],
  ['2021-01-01 00:00:01Z', SECOND],
  ['2021-01-01T00:00:01Z', SECOND],
  ['2021-01-01T02:00:01+02:00', SECOND],
  ['2020-12-31T19:30:01-0430', SECOND],
  ['2021-01-01 02:00:01+02:00', SECOND],
  ['2021-01-01T02:00:01+02', SECOND],
  ['2021-01-01 00:00:01.000+00', SECOND],
  ['2020-12-31T19:00:01-05', SECOND],
  ['2021-01-01 00:00:01.5', SECOND + 500],
  ['2021-01-01 00:00:01.012', SECOND + 12],
  ['2021-01-01T00:00:01.999999999Z', SECOND + 999],
  ['2020-02-29 23:59:59', Date.UTC(2020, 1, 29, 23, 59, 59)],
  ['2000-02-29 00:00:00', Date.UTC(2000, 1, 29)],
  ['0100-01-01 00:00:00', Date.UTC(100, 0, 1)],
  ['9999-12-31 23:59:59', Date.UTC(9999, 11, 31, 23, 59, 59)],
])('the time %s', (text, ms) => {
  expect(parseLogTime(text)).toBe(ms);
});

test.each([
  ['nothing', ''],
  ['a word', 'yesterday'],
  ['a T without a zone', '2021-01-01T00:00:01'],
  ['30 February', '2020-02-30 00:00:00'],
  ['29 February of a common year', '2021-02-29 00:00:00'],
  ['29 February of a century', '1900-02-29 00:00:00'],
  ['month 0', '2021-00-01 00:00:00'],
  ['month 13', '2021-13-01 00:00:00'],
  ['day 0', '2021-01-00 00:00:00'],
  ['31 April', '2021-04-31 00:00:00'],
  ['hour 24', '2021-01-01 24:00:00'],
  ['minute 60', '2021-01-01 00:60:00'],
  ['a leap second', '2021-01-01 00:00:60'],
  ['one digit', '2021-1-01 00:00:00'],
  ['a year of two digits', '0021-01-01 00:00:00'],
  ['slashes', '2021/01/01 00:00:00'],
  ['no seconds', '2021-01-01 00:00'],
  ['an empty fraction', '2021-01-01 00:00:01.'],
  ['ten digits of fraction', '2021-01-01 00:00:01.0123456789'],
  ['a zone by name', '2021-01-01T00:00:01 UTC'],
  ['a zone of 25 hours', '2021-01-01T00:00:01+25:00'],
  ['a zone of 60 minutes', '2021-01-01T00:00:01+01:60'],
  ['more behind it', '2021-01-01 00:00:01x'],
  ['digits of another script', '２021-01-01 00:00:01'],
  ['a sign', '2021-01-01 00:00:+1'],
])('no time: %s', (_, text) => {
  expect(parseLogTime(text)).toBeNull();
});

test('every instant survives formatting and parsing', () => {
  const instant = fc.integer({ min: Date.UTC(1000, 0, 1), max: Date.UTC(9999, 11, 31) });
  fc.assert(
    fc.property(instant, (ms) => {
      expect(parseLogTime(iso(ms))).toBe(ms);
      expect(parseLogTime(iso(ms).replace('T', ' ').replace('Z', ''))).toBe(ms);
    }),
  );
});

describe('grains', () => {
  test('minutes start at whole minutes, also before 1970', () => {
    expect(minuteOf(MINUTE_MS - 1)).toBe(0);
    expect(minuteOf(MINUTE_MS)).toBe(MINUTE_MS);
    expect(minuteOf(-1)).toBe(-MINUTE_MS);
    expect([floorTo(7, 5), ceilTo(7, 5), ceilTo(10, 5)]).toEqual([5, 10, 10]);
  });

  test('a day is its UTC date', () => {
    const midnight = dayStartMs('2021-01-02');
    expect([dayOf(midnight - 1), dayOf(midnight), dayOf(midnight + DAY_MS - 1)]).toEqual([
      '2021-01-01',
      '2021-01-02',
      '2021-01-02',
    ]);
  });

  test('days between two are half-open and cross month ends', () => {
    expect(daysBetween('2020-02-28', '2020-03-01')).toEqual(['2020-02-28', '2020-02-29']);
    expect(daysBetween('2020-02-28', '2020-02-28')).toEqual([]);
  });

  test.each([
    ['2020-02-29', true],
    ['2021-02-29', false],
    ['2021-13-01', false],
    ['2021-1-1', false],
    ['2021-01-01T00:00', false],
    ['', false],
  ])('is %s a day: %s', (text, expected) => {
    expect(isDay(text)).toBe(expected);
  });
});
