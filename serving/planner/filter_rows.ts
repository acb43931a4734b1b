import { type FilterRevision, filterKey } from '../../domain/filters/filter_revision.ts';
import { minutesIndex, runSource } from '../../domain/names.ts';
import type { PublishedRun } from '../../domain/receipt.ts';
import type { ServingState } from './question.ts';
import { clip, isEmpty, type Range } from './ranges.ts';

/**
 * Where the rows of a registered filter are known to be complete: of runs that were made with them, and in real time
 * from where the publisher began to send them up to the boundary. Everywhere else the filter's conditions are applied
 * to what counts all clicks; the answer is the same.
 */

/** Whether the index of a run tells the clicks of the filter. */
export const hasFilterRows = (
  { date, run, filters }: PublishedRun,
  filter: FilterRevision,
  { heldIndexes }: Pick<ServingState, 'heldIndexes'>,
): boolean => (filters?.includes(filterKey(filter)) ?? false) && heldIndexes.has(minutesIndex(date, runSource(run)));

interface Told {
  before: Range[];
  /** null: none */
  told: Range | null;
  after: Range[];
}

/** Cuts whole minutes of real time where the rows of the filter begin, and at the boundary. */
export function filterRowRange(
  whole: Range,
  filter: FilterRevision,
  { boundaryMs, filtersSince }: Pick<ServingState, 'boundaryMs' | 'filtersSince'>,
): Told {
  const sinceMs = filtersSince.get(filterKey(filter));
  if (sinceMs === undefined || boundaryMs === null) return { before: [whole], told: null, after: [] };
  const told = clip(whole, { fromMs: sinceMs, toMs: boundaryMs });
  if (isEmpty(told)) return { before: [whole], told: null, after: [] };
  const rest = [
    { fromMs: whole.fromMs, toMs: told.fromMs },
    { fromMs: told.toMs, toMs: whole.toMs },
  ];
  const [before, after] = rest.map((range) => [range].filter((one) => !isEmpty(one))) as [Range[], Range[]];
  return { before, told, after };
}
