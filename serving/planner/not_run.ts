import { dayOf } from '../../domain/time.ts';
import { clip, dayRange, isEmpty, type Range } from './ranges.ts';

/**
 * Splits a range at the day on which a kind of event was first run: of the days before, nothing is known.
 * @param firstRunMs null: it has been run from the beginning
 */
export function splitAtFirstRun<R extends Range>(
  range: R,
  firstRunMs: number | null,
): { notRun: R | null; run: R | null } {
  if (firstRunMs === null) return { notRun: null, run: range };
  const { fromMs } = dayRange(dayOf(firstRunMs));
  const notRun = clip(range, { fromMs: range.fromMs, toMs: fromMs });
  const run = clip(range, { fromMs, toMs: range.toMs });
  return { notRun: isEmpty(notRun) ? null : notRun, run: isEmpty(run) ? null : run };
}

/** The part of a range on the day of the first run, but before it: events that were read by then are missing. */
export function firstDayBefore(range: Range, firstRunMs: number | null): Range | null {
  if (firstRunMs === null) return null;
  const { fromMs } = dayRange(dayOf(firstRunMs));
  const part = clip({ fromMs: range.fromMs, toMs: range.toMs }, { fromMs, toMs: firstRunMs });
  return isEmpty(part) ? null : part;
}
