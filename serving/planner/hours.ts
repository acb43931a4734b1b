import type { EventKind } from '../../domain/event_kinds.ts';
import { hoursIndex, minutesIndex, runSource } from '../../domain/names.ts';
import { ceilTo, floorTo, HOUR_MS } from '../../domain/time.ts';
import type { Part, RunStretch } from './parts.ts';
import type { SearchState } from './question.ts';
import { boundsOf, clipAll, isEmpty, type Range } from './ranges.ts';

/**
 * Whole hours of runs from their hours indexes, and the rest from their minutes. A run from before hours existed has
 * minutes only.
 * @param stretches of whole minutes, in time order; only the first and the last may be part of a day; the minutes of
 *   each are held
 */
export function runIndexParts(
  stretches: RunStretch[],
  { event, heldIndexes }: Pick<SearchState, 'event' | 'heldIndexes'>,
): Part[] {
  const bounds = boundsOf(stretches);
  if (bounds === null) return [];
  const whole = { fromMs: ceilTo(bounds.fromMs, HOUR_MS), toMs: floorTo(bounds.toMs, HOUR_MS) };
  const hasHours = ({ run }: RunStretch) => heldIndexes.has(hoursOf(event, run));
  const withHours = stretches.filter(hasHours);
  const ends = isEmpty(whole) ? [bounds] : [before(bounds, whole), after(bounds, whole)];
  return [
    ...partOf(event, 'run_hours', isEmpty(whole) ? [] : clipAll(withHours, whole)),
    ...partOf(
      event,
      'run_index',
      stretches.filter((stretch) => !hasHours(stretch)),
    ),
    // The ends may be years apart: a part for each.
    ...ends.flatMap((end) => partOf(event, 'run_index', clipAll(withHours, end))),
  ];
}

const before = ({ fromMs }: Range, whole: Range): Range => ({ fromMs, toMs: whole.fromMs });
const after = ({ toMs }: Range, whole: Range): Range => ({ fromMs: whole.toMs, toMs });

const hoursOf = (event: EventKind, { date, run }: RunStretch['run']): string => hoursIndex(event, date, runSource(run));
const minutesOf = (event: EventKind, { date, run }: RunStretch['run']): string =>
  minutesIndex(event, date, runSource(run));

/** An index contains only its own day, so outer bounds suffice to cut the first and the last one. */
function partOf(event: EventKind, kind: 'run_hours' | 'run_index', stretches: RunStretch[]): Part[] {
  const bounds = boundsOf(stretches);
  if (bounds === null) return [];
  const indexOf = kind === 'run_hours' ? hoursOf : minutesOf;
  return [{ kind, indexes: stretches.map(({ run }) => indexOf(event, run)), ...bounds }];
}
