import { describe, expect, test } from 'vitest';
import { DAY_MS, earlier, HOUR_MS, isZone, nextStart, startOf, type Unit, windowsOf } from './zone.ts';

const ms = (iso: string): number => Date.parse(iso);
const iso = (at: number): string => new Date(at).toISOString().replace(':00.000Z', 'Z');

test.each<[at: string, unit: Unit, zone: string, start: string, next: string]>([
  ['2026-11-21T14:37:12Z', '1m', 'UTC', '2026-11-21T14:37Z', '2026-11-21T14:38Z'],
  ['2026-11-21T14:37:12Z', '15m', 'Asia/Kathmandu', '2026-11-21T14:30Z', '2026-11-21T14:45Z'],
  ['2026-11-21T14:37:12Z', '1h', 'UTC', '2026-11-21T14:00Z', '2026-11-21T15:00Z'],
  ['2026-11-21T14:37:12Z', '1h', 'Asia/Kathmandu', '2026-11-21T14:15Z', '2026-11-21T15:15Z'],
  ['2026-11-21T23:30:00Z', '1d', 'Europe/Berlin', '2026-11-21T23:00Z', '2026-11-22T23:00Z'],
  ['2026-11-21T23:30:00Z', '1w', 'Europe/Berlin', '2026-11-15T23:00Z', '2026-11-22T23:00Z'],
  ['2026-11-22T23:30:00Z', '1w', 'Europe/Berlin', '2026-11-22T23:00Z', '2026-11-29T23:00Z'],
  ['2026-02-28T23:30:00Z', '1mo', 'Europe/Berlin', '2026-02-28T23:00Z', '2026-03-31T22:00Z'],
  // The day that clocks are put forward has 23 hours, the one that they are put back 25.
  ['2026-03-29T12:00:00Z', '1d', 'Europe/Berlin', '2026-03-28T23:00Z', '2026-03-29T22:00Z'],
  ['2026-10-25T12:00:00Z', '1d', 'Europe/Berlin', '2026-10-24T22:00Z', '2026-10-25T23:00Z'],
  // Here they are put forward at midnight: the day begins at one.
  ['2018-11-04T12:00:00Z', '1d', 'America/Sao_Paulo', '2018-11-04T03:00Z', '2018-11-05T02:00Z'],
])('%s is in the window of %s in %s that begins at %s', (at, unit, zone, start, next) => {
  expect([iso(startOf(ms(at), unit, zone)), iso(nextStart(ms(start), unit, zone))]).toEqual([start, next]);
});

describe('windows', () => {
  test('a day of 23 hours has 23', () => {
    const day = { fromMs: ms('2026-03-28T23:00Z'), toMs: ms('2026-03-29T22:00Z') };
    const hours = windowsOf(day, '1h', 'Europe/Berlin');
    expect(hours).toHaveLength(23);
    expect(hours.every(({ fromMs, toMs }) => toMs - fromMs === HOUR_MS)).toBe(true);
  });

  test('the first and the last are whole', () => {
    const range = { fromMs: ms('2026-11-04T10:00Z'), toMs: ms('2026-11-18T10:00Z') };
    expect(windowsOf(range, '1w', 'UTC').map(({ fromMs, toMs }) => [iso(fromMs), iso(toMs)])).toEqual([
      ['2026-11-02T00:00Z', '2026-11-09T00:00Z'],
      ['2026-11-09T00:00Z', '2026-11-16T00:00Z'],
      ['2026-11-16T00:00Z', '2026-11-23T00:00Z'],
    ]);
  });

  test('are never more than asked for', () => {
    expect(windowsOf({ fromMs: 0, toMs: 100 * DAY_MS }, '1m', 'UTC')).toHaveLength(2_000);
  });
});

test.each([
  ['2026-03-30T10:00Z', { days: 1 }, 'Europe/Berlin', '2026-03-29T10:00Z'],
  ['2026-03-29T10:00Z', { days: 1 }, 'Europe/Berlin', '2026-03-28T11:00Z'],
  ['2026-03-31T10:00Z', { months: 1 }, 'UTC', '2026-02-28T10:00Z'],
  ['2024-02-29T10:00Z', { years: 1 }, 'UTC', '2023-02-28T10:00Z'],
])('%s less %o in %s is %s by the clock on the wall', (at, by, zone, expected) => {
  expect(iso(earlier(ms(at), by, zone))).toBe(expected);
});

test.each([
  ['Europe/Berlin', true],
  ['UTC', true],
  ['Europe/Nowhere', false],
  ['', false],
])('%s is a zone: %s', (name, expected) => expect(isZone(name)).toBe(expected));
