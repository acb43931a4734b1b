import { expect, test } from 'vitest';
import {
  askedRange,
  type Comparison,
  comparedRange,
  type Period,
  type PeriodChoice,
  periodRange,
  unitFor,
  unitsFor,
} from './periods.ts';
import { DAY_MS, HOUR_MS, type Range, type Unit } from './zone.ts';

const ms = (iso: string): number => Date.parse(iso);
const iso = (at: number): string => new Date(at).toISOString().replace(':00.000Z', 'Z');
const texts = ({ fromMs, toMs }: Range): [string, string] => [iso(fromMs), iso(toMs)];
const chosen = (period: Period, zone: string, more: Partial<PeriodChoice> = {}): PeriodChoice => ({
  period,
  zone,
  from: '',
  to: '',
  complete: false,
  ...more,
});
const NOW = '2026-11-21T14:32:00Z';

test.each<[Period, string, string, string, string]>([
  ['hour', 'UTC', NOW, '2026-11-21T13:32Z', '2026-11-21T14:32Z'],
  ['today', 'UTC', NOW, '2026-11-21T00:00Z', '2026-11-22T00:00Z'],
  ['today', 'Europe/Berlin', NOW, '2026-11-20T23:00Z', '2026-11-21T23:00Z'],
  ['today', 'Asia/Kolkata', NOW, '2026-11-20T18:30Z', '2026-11-21T18:30Z'],
  ['today', 'Asia/Tokyo', '2026-11-21T15:05:00Z', '2026-11-21T15:00Z', '2026-11-22T15:00Z'],
  ['today', 'Europe/Berlin', '2026-03-29T10:00Z', '2026-03-28T23:00Z', '2026-03-29T22:00Z'],
  ['yesterday', 'Europe/Berlin', '2026-03-30T10:00Z', '2026-03-28T23:00Z', '2026-03-29T22:00Z'],
  ['7d', 'UTC', NOW, '2026-11-15T00:00Z', '2026-11-22T00:00Z'],
  ['30d', 'UTC', NOW, '2026-10-23T00:00Z', '2026-11-22T00:00Z'],
  ['month', 'Europe/Berlin', '2026-10-10T10:00Z', '2026-09-30T22:00Z', '2026-10-31T23:00Z'],
  ['year', 'Europe/Berlin', NOW, '2025-12-31T23:00Z', '2026-12-31T23:00Z'],
])('%s in %s at %s is from %s to %s', (period, zone, now, from, to) => {
  expect(texts(periodRange(chosen(period, zone), ms(now)))).toEqual([from, to]);
});

test('a custom period has its last day', () => {
  const choice = chosen('custom', 'Europe/Berlin', { from: '2026-03-28', to: '2026-03-29' });
  expect(texts(periodRange(choice, ms(NOW)))).toEqual(['2026-03-27T23:00Z', '2026-03-29T22:00Z']);
});

test.each<[Period, Unit, boolean, string, string]>([
  ['today', '1h', false, '2026-11-21T00:00Z', '2026-11-21T14:32Z'],
  ['today', '1h', true, '2026-11-21T00:00Z', '2026-11-21T14:00Z'],
  ['today', '1d', true, '2026-11-21T00:00Z', '2026-11-21T00:00Z'],
  ['7d', '1d', true, '2026-11-15T00:00Z', '2026-11-21T00:00Z'],
  ['7d', '1d', false, '2026-11-15T00:00Z', '2026-11-21T14:32Z'],
  ['yesterday', '1h', true, '2026-11-20T00:00Z', '2026-11-21T00:00Z'],
])('%s by %s, complete windows only: %s, is asked from %s to %s', (period, unit, complete, from, to) => {
  expect(texts(askedRange(chosen(period, 'UTC', { complete }), unit, ms(NOW)))).toEqual([from, to]);
});

test.each<[Period, Comparison, string, string]>([
  ['today', 'before', '2026-11-20T00:00Z', '2026-11-20T14:32Z'],
  ['today', 'week', '2026-11-14T00:00Z', '2026-11-14T14:32Z'],
  ['today', 'year', '2025-11-21T00:00Z', '2025-11-21T14:32Z'],
  ['hour', 'before', '2026-11-21T12:32Z', '2026-11-21T13:32Z'],
  ['7d', 'before', '2026-11-08T00:00Z', '2026-11-14T14:32Z'],
  ['7d', 'week', '2026-11-08T00:00Z', '2026-11-14T14:32Z'],
  ['30d', 'week', '2026-09-18T00:00Z', '2026-10-17T14:32Z'],
  ['month', 'before', '2026-10-01T00:00Z', '2026-10-21T14:32Z'],
])('%s is compared (%s) with %s to %s, cut at the same moment', (period, comparison, from, to) => {
  const choice = chosen(period, 'UTC');
  const compared = comparedRange(choice, comparison, askedRange(choice, '1h', ms(NOW)), ms(NOW));
  expect(compared && texts(compared)).toEqual([from, to]);
});

test('the day after clocks were put forward is compared with the same hours on the wall', () => {
  const choice = chosen('today', 'Europe/Berlin');
  const now = ms('2026-03-30T08:00Z');
  const compared = comparedRange(choice, 'before', askedRange(choice, '1h', now), now);
  expect(compared && texts(compared)).toEqual(['2026-03-28T23:00Z', '2026-03-29T08:00Z']);
});

test('without a comparison there is no range', () => {
  const choice = chosen('today', 'UTC');
  expect(comparedRange(choice, 'none', askedRange(choice, '1h', ms(NOW)), ms(NOW))).toBeNull();
});

test.each<[number, Unit, Unit[]]>([
  [HOUR_MS, '1m', ['1m', '5m', '15m', '1h']],
  [23 * HOUR_MS, '1h', ['1m', '5m', '15m', '1h', '1d']],
  [7 * DAY_MS, '1d', ['15m', '1h', '1d', '1w']],
  [365 * DAY_MS, '1w', ['1d', '1w', '1mo']],
  [800 * DAY_MS, '1mo', ['1d', '1w', '1mo']],
])('%i ms are shown by %s, and can be by %o', (length, unit, units) => {
  const range = { fromMs: 0, toMs: length };
  expect([unitFor(range), unitsFor(range)]).toEqual([unit, units]);
});
