import { EVENT_KINDS, type EventKind } from '../../domain/event_kinds.ts';
import type { PublishedRun } from '../../domain/receipt.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../domain/time.ts';
import { beginsOf, hoursAfterUtc, type Zone } from '../../domain/zone.ts';
import type { Part, Plan } from './parts.ts';
import { clip, dayRange, isEmpty, type Range } from './ranges.ts';

export const TIME_UNITS = ['minute', 'hour', 'day', 'week', 'month'] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];
/** What ads are grouped by: texts that somebody has put for them. */
export const NAME_DIMENSIONS = ['campaign', 'advertiser'] as const;
type NameDimension = (typeof NAME_DIMENSIONS)[number];
/** What a report can be made by. */
export const DIMENSIONS = ['ad', ...NAME_DIMENSIONS, 'country', ...TIME_UNITS] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export const METRICS = ['impressions', 'clicks', 'conversions', 'ctr', 'cvr'] as const;
export type Metric = (typeof METRICS)[number];

/** The kinds of events behind each metric. */
const KINDS_BEHIND: Record<Metric, readonly EventKind[]> = {
  impressions: ['impression'],
  clicks: ['click'],
  conversions: ['conversion'],
  ctr: ['click', 'impression'],
  cvr: ['conversion', 'click'],
};

export const kindsBehind = (metrics: readonly Metric[]): EventKind[] =>
  EVENT_KINDS.filter((event) => metrics.some((metric) => KINDS_BEHIND[metric].includes(event)));

/** The metrics that can be made when these kinds are run. */
export const metricsOf = (run: readonly EventKind[]): Metric[] =>
  METRICS.filter((metric) => KINDS_BEHIND[metric].every((event) => run.includes(event)));

export const isTime = (dimension: Dimension | undefined): dimension is TimeUnit =>
  TIME_UNITS.some((unit) => unit === dimension);

/** By the names that held at the time of the event, or by those that hold now. */
export const NAMES_OF = ['then', 'now'] as const;
export type NamesOf = (typeof NAMES_OF)[number];

export const isName = (dimension: Dimension | undefined): dimension is NameDimension =>
  NAME_DIMENSIONS.some((name) => name === dimension);

/** How engines find the beginning of a row's unit of time: by a fixed length, or among all beginnings. Epoch seconds. */
export type TimeKey = { kind: 'step'; shiftS: number; stepS: number } | { kind: 'bounds'; boundsS: number[] };

/** So many beginnings fit into a parameter of a query. */
export const MAX_BOUNDS = 8_000;

/** Null: more units than are allowed. */
export function timeKey(unit: TimeUnit, range: Range, zone: Zone): TimeKey | null {
  // All offsets are of whole minutes since there are clicks.
  if (unit === 'minute') return { kind: 'step', shiftS: 0, stepS: MINUTE_MS / 1_000 };
  const shiftMs = unit === 'hour' ? hoursAfterUtc(zone, range) : null;
  if (shiftMs !== null) return { kind: 'step', shiftS: shiftMs / 1_000, stepS: HOUR_MS / 1_000 };
  const begins = beginsOf(zone, unit, range, MAX_BOUNDS);
  return begins.length > MAX_BOUNDS ? null : { kind: 'bounds', boundsS: begins.map((ms) => ms / 1_000) };
}

/** Whether no UTC day has two values of the key, so that whole days can be told by it. */
export const isOfDays = (key: TimeKey | null): boolean =>
  key === null || (key.kind === 'bounds' && key.boundsS.every((second) => (second * 1_000) % DAY_MS === 0));

/** Whole UTC days of runs, from their rollup. */
interface RunDays {
  kind: 'run_days';
  runs: PublishedRun[];
}
/** Parts of a plan that ClickHouse answers. */
type TablePart = Extract<Part, { kind: 'run_minutes' | 'realtime_minutes' | 'run_raw' | 'realtime_raw' }>;
export type ReportPart = TablePart | RunDays;

const isTablePart = (part: Part): part is TablePart =>
  ['run_minutes', 'realtime_minutes', 'run_raw', 'realtime_raw'].includes(part.kind);

/** The plan's parts, with whole days of runs from their rollup. */
export function withRollup({ parts }: Pick<Plan, 'parts'>, canUse: boolean): ReportPart[] {
  return parts.flatMap((part): ReportPart[] => {
    if (!isTablePart(part)) throw new Error(`a report is not answered by parts of the kind ${part.kind}`);
    if (part.kind !== 'run_minutes' || !canUse) return [part];
    const isWhole = ({ date }: PublishedRun): boolean => {
      const day = dayRange(date);
      return day.fromMs >= part.fromMs && day.toMs <= part.toMs;
    };
    const [whole, cut] = [part.runs.filter(isWhole), part.runs.filter((run) => !isWhole(run))];
    return [
      ...(whole.length > 0 ? [{ kind: 'run_days' as const, runs: whole }] : []),
      // The ends may be years apart: a part for each.
      ...cut.map((run): ReportPart => {
        const day = clip(dayRange(run.date), { fromMs: part.fromMs, toMs: part.toMs });
        return { kind: 'run_minutes', runs: [run], ...day };
      }),
    ];
  });
}

/** Days that are read by their minutes, which are many more rows than those of the rollup. */
const MAX_MINUTE_DAYS = 100;
const MAX_DAYS = 1_100;
/** Units of time that a report may have. */
const MAX_UNITS = 50_000;

const UNIT_MS: Record<TimeUnit, number> = {
  minute: MINUTE_MS,
  hour: HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 28 * DAY_MS,
};

/** The most that a report may read; null: it may. `isByMinutes`: since whole days cannot be told by its keys. */
export function excessReport(
  { fromMs, toMs }: Range,
  by: readonly Dimension[],
  isByMinutes: boolean,
): { days: number; why: string } | null {
  const days = (toMs - fromMs) / DAY_MS;
  const most = isByMinutes ? MAX_MINUTE_DAYS : MAX_DAYS;
  const units = by.filter(isTime).map((unit) => (MAX_UNITS * UNIT_MS[unit]) / DAY_MS);
  const allowed = Math.floor(Math.min(most, ...units));
  if (days <= allowed) return null;
  if (allowed < most) return { days: allowed, why: `there are at most ${MAX_UNITS} units of time` };
  const rollup = isByMinutes ? `, and ${MAX_DAYS} by whole days of UTC, weeks or months of them, or without time` : '';
  return { days: allowed, why: `at most ${allowed} days are read${rollup}` };
}

/** The part of a range before which the rows of a kind are not known, in seconds; by `notRun`. */
export const sinceS = (notRun: Range | null): number =>
  notRun === null || isEmpty(notRun) ? 0 : Math.ceil(notRun.toMs / 1_000);
