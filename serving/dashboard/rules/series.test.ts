import { expect, test } from 'vitest';
import { pointsOf, ticksOf } from './series.ts';
import { DAY_MS, HOUR_MS, type Range, type Unit } from './zone.ts';

const ms = (iso: string): number => Date.parse(iso);
const range = (from: string, to: string): Range => ({ fromMs: ms(from), toMs: ms(to) });

test('every window has a point, the one that is not over is open, and those that an answer leaves out are 0', () => {
  const asked = { range: range('2026-11-21T12:00Z', '2026-11-21T14:32Z'), unit: '1h', zone: 'UTC' } as const;
  const counted = [
    { from: '2026-11-21T12:00:00Z', value: 7, status: 'final' },
    { from: '2026-11-21T14:00:00Z', value: 3, status: 'provisional' },
  ] as const;
  const points = pointsOf(asked, counted, () => ({ value: 0, status: 'provisional' }), [5, null]);
  expect(points.map(({ value, mark, before }) => [value, mark, before])).toEqual([
    [7, 'final', 5],
    [0, 'provisional', null],
    [3, 'open', null],
  ]);
  expect(points.at(-1)).toMatchObject({ toMs: ms('2026-11-21T14:32Z'), endMs: ms('2026-11-21T15:00Z') });
});

test('a day of the zone is found by the offset it is answered with', () => {
  const asked = { range: range('2026-03-28T23:00Z', '2026-03-30T22:00Z'), unit: '1d', zone: 'Europe/Berlin' } as const;
  const counted = [
    { from: '2026-03-29T00:00:00+01:00', value: 23, status: 'final' },
    { from: '2026-03-30T00:00:00+02:00', value: 24, status: 'restated' },
  ] as const;
  const points = pointsOf(asked, counted, () => ({ value: null, status: 'not_run' }));
  expect(points.map(({ value, mark }) => [value, mark])).toEqual([
    [23, 'final'],
    [24, 'restated'],
  ]);
});

test('a day is named in its middle', () => {
  const days = { fromMs: ms('2026-11-02T00:00Z'), toMs: ms('2026-11-04T00:00Z') };
  expect(ticksOf(days, '1d', 'UTC', 8)).toEqual([ms('2026-11-02T12:00Z'), ms('2026-11-03T12:00Z')]);
});

test.each<[number, Unit, number, number]>([
  [HOUR_MS, '1m', 15, 12],
  [DAY_MS, '1h', 30, 24],
  [DAY_MS, '1h', 12, 12],
  [4 * DAY_MS, '1h', 8, 4],
  [30 * DAY_MS, '1d', 8, 5],
  [DAY_MS, '1m', 8, 8],
  [DAY_MS, '1m', 18, 12],
])('%i ms by %s, at most %i ticks: %i', (length, unit, most, expected) => {
  const ticks = ticksOf({ fromMs: ms('2026-11-02T00:00Z'), toMs: ms('2026-11-02T00:00Z') + length }, unit, 'UTC', most);
  expect(ticks).toHaveLength(expected);
});
