import type { PublishedRun } from '../../domain/receipt.ts';
import { ceilTo, DAY_MS, dayOf, dayStartMs, MINUTE_MS, minuteOf } from '../../domain/time.ts';

/** `[fromMs, toMs)` */
export interface Range {
  fromMs: number;
  toMs: number;
}

/** A part of the question under one authority: the run of one published day, or (null) real time. */
export interface Stretch extends Range {
  run: PublishedRun | null;
}

export const isEmpty = ({ fromMs, toMs }: Range): boolean => fromMs >= toMs;

export const clip = <R extends Range>(range: R, to: Range): R => ({
  ...range,
  fromMs: Math.max(range.fromMs, to.fromMs),
  toMs: Math.min(range.toMs, to.toMs),
});

export const clipAll = <R extends Range>(ranges: R[], to: Range): R[] =>
  ranges.map((range) => clip(range, to)).filter((range) => !isEmpty(range));

export const dayRange = (day: string): Range => ({ fromMs: dayStartMs(day), toMs: dayStartMs(day) + DAY_MS });

/** Splits a range at the published days. Stretches between them stay whole, however many days they have. */
export function stretchesOf(range: Range, published: ReadonlyMap<string, PublishedRun>): Stretch[] {
  const stretches: Stretch[] = [];
  let at = range.fromMs;
  for (const run of runsIn(range, published)) {
    const day = clip(dayRange(run.date), range);
    if (at < day.fromMs) stretches.push({ fromMs: at, toMs: day.fromMs, run: null });
    stretches.push({ ...day, run });
    at = day.toMs;
  }
  if (at < range.toMs) stretches.push({ fromMs: at, toMs: range.toMs, run: null });
  return stretches;
}

function runsIn({ fromMs, toMs }: Range, published: ReadonlyMap<string, PublishedRun>): PublishedRun[] {
  const [first, last] = [dayOf(fromMs), dayOf(toMs - 1)];
  return [...published.values()]
    .filter(({ date }) => date >= first && date <= last)
    .sort((a, b) => (a.date < b.date ? -1 : 1));
}

/** The whole minutes of a range, and the rest at its ends. */
export function splitAtMinutes(range: Range): { whole: Range | null; ends: Range[] } {
  const whole = { fromMs: ceilTo(range.fromMs, MINUTE_MS), toMs: minuteOf(range.toMs) };
  if (isEmpty(whole)) return { whole: null, ends: [range] };
  const ends = [
    { fromMs: range.fromMs, toMs: whole.fromMs },
    { fromMs: whole.toMs, toMs: range.toMs },
  ];
  return { whole, ends: ends.filter((end) => !isEmpty(end)) };
}

/** The same instants in order, in as few ranges as possible. */
export function merge(ranges: Range[]): Range[] {
  const merged: Range[] = [];
  for (const { fromMs, toMs } of [...ranges].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = merged.at(-1);
    if (last && last.toMs >= fromMs) last.toMs = Math.max(last.toMs, toMs);
    else merged.push({ fromMs, toMs });
  }
  return merged;
}

/** From the first instant to the last; null for an empty list. */
export function boundsOf(ranges: Range[]): Range | null {
  if (ranges.length === 0) return null;
  return {
    fromMs: ranges.reduce((least, { fromMs }) => Math.min(least, fromMs), Number.POSITIVE_INFINITY),
    toMs: ranges.reduce((most, { toMs }) => Math.max(most, toMs), Number.NEGATIVE_INFINITY),
  };
}
