import { type FilterRevision, filterKey } from '../../domain/filters/filter_revision.ts';
import { minutesIndex, runSource } from '../../domain/names.ts';
import type { PublishedRun } from '../../domain/receipt.ts';
import type { ServingState } from './question.ts';
import { clip, isEmpty, type Range } from './ranges.ts';

/**
 * Where the rows of a registered filter are complete: in runs that were made with them, and in real time from the
 * publisher's first minute for it to the boundary. Elsewhere the filter's conditions are applied to the rows of all
 * clicks; the answer is the same.
 */

/** Whether the index of a run has the rows of the filter. */
export const hasFilterRows = (
  { date, run, filters }: PublishedRun,
  filter: FilterRevision,
  { event, heldIndexes }: Pick<ServingState, 'event' | 'heldIndexes'>,
): boolean =>
  (filters?.includes(filterKey(filter)) ?? false) && heldIndexes.has(minutesIndex(event, date, runSource(run)));

interface FilterRowSplit {
  before: Range[];
  /** null: none */
  withRows: Range | null;
  after: Range[];
}

/** Splits whole minutes of real time at the first minute with rows of the filter and at the boundary. */
export function filterRowRange(
  whole: Range,
  filter: FilterRevision,
  { boundaryMs, filtersSince }: Pick<ServingState, 'boundaryMs' | 'filtersSince'>,
): FilterRowSplit {
  const sinceMs = filtersSince.get(filterKey(filter));
  if (sinceMs === undefined || boundaryMs === null) return { before: [whole], withRows: null, after: [] };
  const withRows = clip(whole, { fromMs: sinceMs, toMs: boundaryMs });
  if (isEmpty(withRows)) return { before: [whole], withRows: null, after: [] };
  const rest = [
    { fromMs: whole.fromMs, toMs: withRows.fromMs },
    { fromMs: withRows.toMs, toMs: whole.toMs },
  ];
  const [before, after] = rest.map((range) => [range].filter((one) => !isEmpty(one))) as [Range[], Range[]];
  return { before, withRows, after };
}
