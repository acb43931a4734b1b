import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HOUR_MS, iso, MINUTE_MS } from '../../domain/time.ts';
import { CALENDAR_UNITS, type Zone, zoneOf } from '../../domain/zone.ts';
import { calendarWindowing } from './calendar_series.ts';
import type { Windowing } from './series.ts';

const at = (text: string): number => Date.parse(text);
const windowing = (zone: string, unit: (typeof CALENDAR_UNITS)[number], from: string, to: string): Windowing =>
  calendarWindowing({ fromMs: at(from), toMs: at(to) }, zoneOf(zone) as Zone, unit) as Windowing;

test.each<[string, (typeof CALENDAR_UNITS)[number], string, string, string[], number]>([
  [
    'Europe/Berlin',
    'day',
    '2026-03-28T12:00Z',
    '2026-03-30T12:00:30Z',
    ['2026-03-28T12:00Z', '2026-03-28T23:00Z', '2026-03-29T22:00Z', '2026-03-30T12:00:30Z'],
    23 * HOUR_MS,
  ],
  [
    'UTC',
    'month',
    '2026-01-15',
    '2026-04-01',
    ['2026-01-15', '2026-02-01', '2026-03-01', '2026-04-01'],
    28 * 24 * HOUR_MS,
  ],
  [
    'Asia/Kolkata',
    'hour',
    '2026-01-01T00:00Z',
    '2026-01-01T01:00Z',
    ['2026-01-01T00:00Z', '2026-01-01T00:30Z', '2026-01-01T01:00Z'],
    HOUR_MS,
  ],
  ['Asia/Tokyo', 'week', '2026-01-07', '2026-01-08', ['2026-01-07', '2026-01-08'], 24 * HOUR_MS],
])('windows of %s by %s from %s to %s', (zone, unit, from, to, bounds, pieceMs) => {
  const { windows, grid } = windowing(zone, unit, from, to);
  const starts = windows.map(({ fromMs }) => iso(fromMs));
  expect([...starts, iso(windows.at(-1)?.toMs ?? 0)]).toEqual(bounds.map((text) => iso(at(text))));
  expect(grid.pieceMs).toBe(pieceMs);
  expect(grid.startMs).toBeLessThanOrEqual(at(from));
});

test('more windows than are allowed are none', () => {
  expect(calendarWindowing({ fromMs: 0, toMs: 3_000 * HOUR_MS }, zoneOf('UTC') as Zone, 'hour')).toBeNull();
});

test('sums of pieces are the events of each window, over changes of clocks, whatever the range', () => {
  const range = fc.record({
    zone: fc.constantFrom(
      'UTC',
      'Europe/Berlin',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
      'America/St_Johns',
      'Pacific/Apia',
    ),
    unit: fc.constantFrom(...CALENDAR_UNITS),
    // Around changes of clocks, to the second.
    from: fc.integer({ min: at('2011-03-12') / 1_000, max: at('2012-01-02') / 1_000 }),
    seconds: fc.integer({ min: 1, max: 60 * 86_400 }),
    events: fc.array(fc.nat(), { maxLength: 50 }),
  });
  fc.assert(
    fc.property(range, ({ zone, unit, from, seconds, events }) => {
      const [fromMs, toMs] = [from * 1_000, (from + seconds) * 1_000];
      const times = events.map((n) => fromMs + (n % (seconds * 1_000)));
      const { windows, grid, sums } = calendarWindowing({ fromMs, toMs }, zoneOf(zone) as Zone, unit) as Windowing;
      const pieces = new Map<number, number>();
      for (const ms of times) {
        // As engines do it.
        const piece = Math.trunc((ms - grid.startMs) / grid.pieceMs);
        pieces.set(piece, (pieces.get(piece) ?? 0) + 1);
      }
      const plain = windows.map((window) => times.filter((ms) => ms >= window.fromMs && ms < window.toMs).length);
      expect(sums(pieces)).toEqual(plain);
      expect([windows[0]?.fromMs, windows.at(-1)?.toMs]).toEqual([fromMs, toMs]);
      for (const { fromMs: start } of windows.slice(1)) expect((start - grid.startMs) % MINUTE_MS).toBe(0);
    }),
  );
});
