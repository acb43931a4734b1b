import type { FilterRevision } from '../../domain/filters/filter_revision.ts';
import type { AnswerSource, Finality, PublishedRun } from '../../domain/receipt.ts';
import type { Range, Stretch } from './ranges.ts';

/**
 * One query's share of an answer. Parts are disjoint and their counts add up. Those of runs are the receipt's `batch`,
 * the others its `realtime`.
 */
export type Part =
  /**
   * Documents of these indexes in the range, for all clicks or (`rowsOf`) for a registered filter. Indexes are named
   * one by one: a missing one is an error, never zero.
   */
  | ({ kind: 'run_index' | 'realtime_index'; indexes: string[]; rowsOf?: FilterRevision } & Range)
  /** Whole hours; for all clicks only. */
  | ({ kind: 'run_hours'; indexes: string[] } & Range)
  | ({ kind: 'run_minutes'; runs: PublishedRun[] } & Range)
  | { kind: 'realtime_minutes'; ranges: Range[] }
  /** Distinct raw clicks of the runs' days below their cuts. */
  | ({ kind: 'run_raw'; runs: PublishedRun[] } & Range)
  /** The same from Hive, for days whose rows have, or may have, expired in ClickHouse (archive.ts). */
  | ({ kind: 'run_archive' | 'run_hive_minutes'; runs: PublishedRun[] } & Range)
  /** Raw rows; for a question as of a past time, those that had arrived by then. */
  | { kind: 'realtime_raw'; ranges: Range[] };
export interface Plan {
  parts: Part[];
  /** Where to search for clicks after the cuts; null without a published day, or if no click can match. */
  late: ({ runs: PublishedRun[] } & Range) | null;
  status: Finality;
  runs: PublishedRun[];
  /** Outer bounds of the ranges that runs and real time answer for. */
  batch: Range | null;
  realtime: Range | null;
  sources: AnswerSource[];
}

export type RunStretch = Stretch & { run: PublishedRun };
