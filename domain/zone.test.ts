import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from './time.ts';
import { beginsOf, type CalendarUnit, hoursAfterUtc, isoIn, UTC, type Zone, zoneOf } from './zone.ts';

const at = (text: string): number => Date.parse(text);
const zoned = (name: string): Zone => zoneOf(name) as Zone;
const begins = (zone: string, unit: CalendarUnit, from: string, to: string): string[] =>
  beginsOf(zoned(zone), unit, { fromMs: at(from), toMs: at(to) }, 1_000).map((ms) => isoIn(zoned(zone), ms));

test.each<[what: string, zone: string, unit: CalendarUnit, from: string, to: string, expected: string[]]>([
  [
    'days of UTC',
    'UTC',
    'day',
    '2026-01-01T12:00Z',
    '2026-01-03T00:00Z',
    ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
  ],
  [
    'a day of 23 hours',
    'Europe/Berlin',
    'day',
    '2026-03-28T23:00Z',
    '2026-03-30T00:00Z',
    ['2026-03-29T00:00:00+01:00', '2026-03-30T00:00:00+02:00'],
  ],
  [
    'a day of 25 hours',
    'Europe/Berlin',
    'day',
    '2026-10-24T22:00Z',
    '2026-10-26T00:00Z',
    ['2026-10-25T00:00:00+02:00', '2026-10-26T00:00:00+01:00'],
  ],
  [
    'the hour that is left out',
    'Europe/Berlin',
    'hour',
    '2026-03-29T00:00Z',
    '2026-03-29T02:30Z',
    ['2026-03-29T01:00:00+01:00', '2026-03-29T03:00:00+02:00', '2026-03-29T04:00:00+02:00'],
  ],
  [
    'the hour that comes twice',
    'Europe/Berlin',
    'hour',
    '2026-10-25T00:10Z',
    '2026-10-25T02:30Z',
    ['2026-10-25T02:00:00+02:00', '2026-10-25T02:00:00+01:00', '2026-10-25T03:00:00+01:00'],
  ],
  [
    'clocks that jump over midnight',
    'America/Sao_Paulo',
    'day',
    '2018-11-03T12:00Z',
    '2018-11-05T12:00Z',
    ['2018-11-03T00:00:00-03:00', '2018-11-04T01:00:00-02:00', '2018-11-05T00:00:00-02:00'],
  ],
  [
    'clocks that go back over midnight, so that it comes twice',
    'America/St_Johns',
    'day',
    '2009-10-31T12:00Z',
    '2009-11-02T12:00Z',
    ['2009-10-31T00:00:00-02:30', '2009-11-01T00:00:00-02:30', '2009-11-02T00:00:00-03:30'],
  ],
  [
    'a date that does not exist',
    'Pacific/Apia',
    'day',
    '2011-12-29T10:00Z',
    '2011-12-31T12:00Z',
    ['2011-12-29T00:00:00-10:00', '2011-12-31T00:00:00+14:00', '2012-01-01T00:00:00+14:00'],
  ],
  [
    'half an hour',
    'Asia/Kolkata',
    'hour',
    '2026-01-01T00:00Z',
    '2026-01-01T01:00Z',
    ['2026-01-01T05:00:00+05:30', '2026-01-01T06:00:00+05:30'],
  ],
  ['three quarters', 'Asia/Kathmandu', 'day', '2026-01-01T00:00Z', '2026-01-01T18:15Z', ['2026-01-01T00:00:00+05:45']],
  [
    'clocks that change by half an hour, forward',
    'Australia/Lord_Howe',
    'hour',
    '2025-10-04T14:30Z',
    '2025-10-04T16:30Z',
    ['2025-10-05T01:00:00+10:30', '2025-10-05T02:30:00+11:00', '2025-10-05T03:00:00+11:00'],
  ],
  [
    'clocks that change by half an hour, back: an hour of ninety minutes',
    'Australia/Lord_Howe',
    'hour',
    '2026-04-04T14:00Z',
    '2026-04-04T16:30Z',
    ['2026-04-05T01:00:00+11:00', '2026-04-05T02:00:00+10:30'],
  ],
  [
    'weeks begin on Monday',
    'America/New_York',
    'week',
    '2026-03-04T00:00Z',
    '2026-03-16T04:01Z',
    ['2026-03-02T00:00:00-05:00', '2026-03-09T00:00:00-04:00', '2026-03-16T00:00:00-04:00'],
  ],
  [
    'months',
    'Asia/Tokyo',
    'month',
    '2025-11-30T16:00Z',
    '2026-01-31T15:00Z',
    ['2025-12-01T00:00:00+09:00', '2026-01-01T00:00:00+09:00'],
  ],
])('%s: %s, by %s', (_, zone, unit, from, to, expected) => {
  expect(begins(zone, unit, from, to)).toEqual(expected);
});

test('no more are made than are wanted, and one that says that there are more', () => {
  expect(beginsOf(UTC, 'hour', { fromMs: 0, toMs: 1e15 }, 10)).toHaveLength(11);
});

test.each(['', 'Berlin/Europe', '+01:00', 'Europe/Berlin; DROP', 'local'])('"%s" is no zone', (name) => {
  expect(zoneOf(name)).toBeNull();
});

test.each<[string, string, string, number | null]>([
  ['UTC', '2026-01-01T00:00Z', '2027-01-01T00:00Z', 0],
  ['Europe/Berlin', '2026-01-01T00:00Z', '2027-01-01T00:00Z', 0],
  ['Asia/Kolkata', '2026-01-01T00:00Z', '2027-01-01T00:00Z', HOUR_MS / 2],
  ['America/St_Johns', '2026-01-01T00:00Z', '2027-01-01T00:00Z', HOUR_MS / 2],
  ['Asia/Kathmandu', '2026-01-01T00:00Z', '2026-01-02T00:00Z', HOUR_MS / 4],
  ['Australia/Lord_Howe', '2026-01-01T00:00Z', '2026-03-01T00:00Z', 0],
  ['Australia/Lord_Howe', '2026-01-01T00:00Z', '2026-07-01T00:00Z', null],
])('hours of %s from %s to %s begin so long after those of UTC: %s', (name, from, to, expected) => {
  expect(hoursAfterUtc(zoned(name), { fromMs: at(from), toMs: at(to) })).toBe(expected);
});

/** For each zone: the instants at which the days of some years begin, by another zone table and other code. */
const ORACLE = `
import json, sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo
zones, first, days = json.load(sys.stdin)
def begins(zone):
    found = [round(datetime(*first).replace(tzinfo=ZoneInfo(zone)).timestamp())]
    for n in range(1, days):
        day = datetime(*first) + timedelta(days=n)
        at = round(day.replace(tzinfo=ZoneInfo(zone)).timestamp())
        if at != found[-1]: found.append(at)
    return found
print(json.dumps([begins(zone) for zone in zones]))
`;
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/Sao_Paulo',
  'America/St_Johns',
  'America/Havana',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Asia/Beirut',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Africa/Casablanca',
];
const python = spawnSync('python3', ['-c', 'from zoneinfo import ZoneInfo; ZoneInfo("Pacific/Apia")']);

test.skipIf(python.status !== 0)('days of fourteen zones over thirteen years begin when Python says', () => {
  const [first, days] = [[2008, 1, 1], 13 * 365] as const;
  const input = JSON.stringify([ZONES, first, days]);
  const { stdout } = spawnSync('python3', ['-c', ORACLE], { input, encoding: 'utf8' });
  const expected = JSON.parse(stdout) as number[][];
  for (const [i, zone] of ZONES.entries()) {
    const [fromMs = 0, toMs = 0] = [expected[i]?.[0], expected[i]?.at(-1)].map((s) => (s ?? 0) * 1_000);
    const found = beginsOf(zoned(zone), 'day', { fromMs, toMs: toMs + DAY_MS / 4 }, 10_000);
    expect(
      found.map((ms) => ms / 1_000),
      zone,
    ).toEqual(expected[i]);
  }
});
