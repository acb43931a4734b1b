import type { components } from '../contract/description.d.ts';
import { DAY_MS, MINUTE_MS, type Range } from './zone.ts';

type Receipt = components['schemas']['Receipt'];
type Run = components['schemas']['Run'];

/**
 * How final a count is. `open`: its window is not over yet. `provisional`: counted as it came. `final`: counted by a
 * run. `restated`: by a run that has replaced an earlier one. `not_run`: nobody counted this kind of event then.
 */
export const MARKS = ['final', 'restated', 'provisional', 'open', 'not_run'] as const;
export type Mark = (typeof MARKS)[number];

export const MARK_SIGNS: Record<Mark, string> = {
  final: '■',
  restated: '◆',
  provisional: '▨',
  open: '◌',
  not_run: '×',
};

export const MARK_WORDS: Record<Mark, string> = {
  final: 'final: counted by a run',
  restated: 'restated: a later run has replaced the first',
  provisional: 'provisional: counted as it came, no run yet',
  open: 'still open: the window is not over',
  not_run: 'not counted: this kind of event was not run then',
};

/** @param endMs when the whole window ends, wherever the question was cut */
export const markOf = (status: Exclude<Mark, 'open'>, endMs: number, askedToMs: number): Mark =>
  endMs > askedToMs && status !== 'not_run' ? 'open' : status;

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/**
 * The status of a window of an answer whose rows do not tell it: by the receipt's runs, of UTC days.
 * @param restated days whose run is not their first
 */
export function statusOf(
  window: Range,
  runs: Receipt['batch']['runs'],
  restated: ReadonlySet<string>,
): 'final' | 'restated' | 'provisional' {
  const counted = new Set(runs.map(({ date }) => date));
  let isRestated = false;
  for (let ms = window.fromMs - (window.fromMs % DAY_MS); ms < window.toMs; ms += DAY_MS) {
    const day = dayOf(ms);
    if (!counted.has(day)) return 'provisional';
    isRestated ||= restated.has(day);
  }
  return isRestated ? 'restated' : 'final';
}

export type DayState = 'final' | 'restated' | 'blocked' | 'provisional';

export interface DayRuns {
  date: string;
  state: DayState;
  /** The run that answers for the day. */
  run: Run | null;
  /** The newest first. */
  runs: Run[];
}

/** What runs say about their days, by day. A day that is not in it is `provisional`. */
export function daysOf(runs: readonly Run[]): Map<string, DayRuns> {
  const byDay = groupByDay(runs);
  return new Map([...byDay].map(([date, ofDay]) => [date, dayOfRuns(date, ofDay)]));
}

function groupByDay(runs: readonly Run[]): Map<string, Run[]> {
  const byDay = new Map<string, Run[]>();
  for (const run of runs) byDay.set(run.date, [...(byDay.get(run.date) ?? []), run]);
  return byDay;
}

function dayOfRuns(date: string, ofDay: Run[]): DayRuns {
  const runs = ofDay.toSorted((a, b) => b.run - a.run);
  const run = runs.find(({ state }) => state === 'published') ?? null;
  const isFirst = run === null || !runs.some((other) => other.run < run.run && other.published_at !== null);
  const isBlocked = runs[0]?.state === 'blocked';
  const published = isFirst ? 'final' : 'restated';
  return { date, state: isBlocked ? 'blocked' : run ? published : 'provisional', run, runs };
}

/** Days whose run is not their first. */
export const restatedDays = (days: ReadonlyMap<string, DayRuns>): Set<string> =>
  new Set([...days.values()].filter(({ state }) => state === 'restated').map(({ date }) => date));

export type Light = 'good' | 'slow' | 'bad' | 'unknown';

/** Counts are promised within 10 s; a minute behind needs somebody. */
export function freshnessLight(seconds: number | null | undefined): Light {
  if (seconds == null) return 'unknown';
  if (seconds <= 10) return 'good';
  return seconds * 1_000 <= MINUTE_MS ? 'slow' : 'bad';
}
