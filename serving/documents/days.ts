import { z } from 'zod';
import { totals } from '../../domain/ad_minutes.ts';
import type { EventKind } from '../../domain/event_kinds.ts';
import { day } from '../../domain/fields.ts';
import { hoursIndex, minutesIndex, runSource } from '../../domain/names.ts';

const run = z.int().min(1);
/** Absent: the index was complete before totals were kept, so it cannot be counted again. */
const runTotals = z.object({ minutes: totals, hours: totals.exactOptional() }).exactOptional();
export type RunTotals = z.infer<typeof runTotals>;
const heldDay = z.object({
  day,
  /** `begun`: recorded, but the index may not exist yet; nothing was written to it. */
  realtime: z.enum(['none', 'begun', 'made']),
  /** `hours`: whether its index of hours is complete too (absent: the run was sent before hours existed). */
  runs: z.array(z.object({ run, complete: z.boolean(), hours: z.boolean().exactOptional(), totals: runTotals })),
  /** A run that was started and is not current yet. */
  awaited: run.nullable(),
});
export type HeldDay = z.infer<typeof heldDay>;

/**
 * Which days Elasticsearch holds: one document, changed by compare-and-set, read by every question.
 *
 * The rule: at most SEARCH_DAYS days are held. When a row needs an index for one more, a day is given up: one that is not
 * among the last SEARCH_DAYS up to tomorrow, if there is any, and of those the one written longest ago. With one write it
 * moves from `held` to `given_up`, and only then are its indexes deleted. It is never held in real time again (its rows are dropped from then on), because an index started in mid-stream would lack the earlier
 * rows; a run of it may be held again, since all rows of a run are sent again. The same happens at once to a day that
 * there is no time to create an index for (see indexer/pace.ts).
 *
 * Why this is safe whatever the timing:
 * - A day is recorded as held before its index is created, and indexes of this name are never created by a write. So
 *   rows from a copy that has not seen the giving up fail, and that copy reads the document again.
 * - A question reads the boundaries first and this document after them: a day that is in neither list had no row among
 *   the minutes before those boundaries. An index that is deleted during the question causes an error that makes the
 *   API ask ClickHouse instead.
 * - A run's index is used only once its documents and clicks were counted and equal the announced totals.
 * - A real-time index that was created but is missing (somebody deleted it) is given up like the others.
 * - A day with a run that is not current yet is not given up: nightly waits for its documents.
 * - When messages were never seen, the days that they may have had rows of are given up before a boundary moves past
 *   them, also those that are not in the document.
 */
export const daysDoc = z.object({
  /** Ordered by last write, the oldest first. */
  held: z.array(heldDay),
  given_up: z.array(day),
  /**
   * All days before it are given up in real time, also those that are in neither list: messages with rows of them were
   * never seen. Absent: that never happened.
   */
  unseen_before: day.exactOptional(),
  /** The number of the restore by which the indexer went on with an empty Elasticsearch. Absent: it never had to. */
  restore: z.int().min(1).exactOptional(),
});
export type DaysDoc = z.infer<typeof daysDoc>;

/** Indexes that may be queried. */
export const usableIndexes = (event: EventKind, days: DaysDoc): string[] =>
  days.held.flatMap(({ day, realtime, runs }) => [
    ...(realtime !== 'none' ? [minutesIndex(event, day, 'rt')] : []),
    ...runs.filter(({ complete }) => complete).map(({ run }) => minutesIndex(event, day, runSource(run))),
    ...runs.filter(({ complete, hours }) => complete && hours).map(({ run }) => hoursIndex(event, day, runSource(run))),
  ]);
