import { expect, test } from 'vitest';
import type { PublishedRun } from '../../domain/receipt.ts';
import { DAY_MS, dayStartMs, HOUR_MS } from '../../domain/time.ts';
import { UTC, type Zone, zoneOf } from '../../domain/zone.ts';
import type { Part } from './parts.ts';
import {
  type Dimension,
  excessReport,
  isOfDays,
  kindsBehind,
  METRICS,
  type Metric,
  metricsOf,
  sinceS,
  type TimeUnit,
  timeKey,
  withRollup,
} from './report.ts';

const day = (text: string): number => dayStartMs(text);
const range = (from: string, to: string) => ({ fromMs: day(from), toMs: day(to) });
const run = (date: string): PublishedRun => ({ date, run: 1, firstRun: 1, cut: {} });

test.each<[Metric[], string[]]>([
  [['clicks'], ['click']],
  [['ctr'], ['click', 'impression']],
  [
    ['cvr', 'impressions'],
    ['click', 'impression', 'conversion'],
  ],
])('behind %j are %j', (metrics, kinds) => {
  expect(kindsBehind(metrics)).toEqual(kinds);
});

test('a rate is there when both of its kinds are run', () => {
  expect(metricsOf(['click'])).toEqual(['clicks']);
  expect(metricsOf(['click', 'impression'])).toEqual(['impressions', 'clicks', 'ctr']);
  expect(metricsOf(['click', 'impression', 'conversion'])).toEqual(METRICS);
});

test.each<[string, TimeUnit, string, boolean]>([
  ['days of UTC', 'day', 'UTC', true],
  ['months of UTC', 'month', 'UTC', true],
  ['days of a zone that is off', 'day', 'Europe/Berlin', false],
  ['days of a zone that has the time of UTC in winter', 'day', 'Europe/London', true],
  ['hours', 'hour', 'UTC', false],
])('whole days are told by %s: %#', (_, unit, zone, expected) => {
  const key = timeKey(unit, range('2026-01-05', '2026-02-05'), zoneOf(zone) as Zone);
  expect(isOfDays(key)).toBe(expected);
});

test('hours are found by their length, unless clocks change by a part of one', () => {
  const year = range('2026-01-01', '2026-12-31');
  expect(timeKey('hour', year, UTC)).toEqual({ kind: 'step', shiftS: 0, stepS: 3_600 });
  expect(timeKey('hour', year, zoneOf('Asia/Kathmandu') as Zone)).toEqual({ kind: 'step', shiftS: 900, stepS: 3_600 });
  const lordHowe = zoneOf('Australia/Lord_Howe') as Zone;
  expect(timeKey('hour', year, lordHowe)).toBeNull();
  expect(timeKey('hour', range('2026-04-01', '2026-04-10'), lordHowe)?.kind).toBe('bounds');
});

test('whole days of runs come from the rollup, and the rest from their minutes', () => {
  const runs = ['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04'].map(run);
  const part: Part = {
    kind: 'run_minutes',
    runs,
    fromMs: day('2026-01-01') + HOUR_MS,
    toMs: day('2026-01-05') - HOUR_MS,
  };
  const realtime: Part = { kind: 'realtime_minutes', ranges: [range('2026-01-05', '2026-01-06')] };
  expect(withRollup({ parts: [part, realtime] }, true)).toEqual([
    { kind: 'run_days', runs: runs.slice(1, 3) },
    { kind: 'run_minutes', runs: [runs[0]], fromMs: part.fromMs, toMs: day('2026-01-02') },
    { kind: 'run_minutes', runs: [runs[3]], fromMs: day('2026-01-04'), toMs: part.toMs },
    realtime,
  ]);
  expect(withRollup({ parts: [part, realtime] }, false)).toEqual([part, realtime]);
  const index: Part = { kind: 'run_index', indexes: [], ...range('2026-01-05', '2026-01-06') };
  expect(() => withRollup({ parts: [index] }, true)).toThrow('run_index');
});

test.each<[number, Dimension[], boolean, number | null]>([
  [1_100, ['ad'], false, null],
  [1_101, ['ad'], false, 1_100],
  [100, ['ad', 'hour'], true, null],
  [101, ['ad', 'hour'], true, 100],
  [35, ['minute'], true, 34],
  [34, ['minute', 'ad'], true, null],
  [100.5, ['day'], true, 100],
])('%i days by %j, by minutes: %s; the most are %s', (days, by, isByMinutes, most) => {
  expect(excessReport({ fromMs: 0, toMs: days * DAY_MS }, by, isByMinutes)?.days ?? null).toBe(most);
});

test('rows of a kind are known from the end of what was not run', () => {
  expect([sinceS(null), sinceS(range('2026-01-01', '2026-01-02'))]).toEqual([0, day('2026-01-02') / 1_000]);
});
