import type { Cut } from './cut.ts';

/** Where the clicks of an answer came from. */
export type AnswerSource = 'elasticsearch' | 'clickhouse' | 'hive';

/** `not_run`: part of the range is of days before the kind of event was first run. */
export type Finality = 'final' | 'restated' | 'provisional' | 'not_run';

/** Times are ISO 8601 (UTC); `from` and `to` are outer bounds, null when no part of the range comes from that side. */
export interface Receipt {
  /**
   * The past time that the answer is as of, if one was requested: status, runs, watermark and late clicks refer to it.
   */
  as_of?: string;
  status: Finality;
  /** The counts are null if the answer's is, since part of the range was not run. */
  batch: { count: number | null; from: string | null; to: string | null; runs: { date: string; run: number }[] };
  realtime: { count: number | null; from: string | null; to: string | null };
  /** Every click that arrived before it is counted, except those later than the allowed lateness. */
  watermark: string | null;
  /** Minutes before it were answered from rows that the indexer has applied. */
  boundary: string | null;
  /**
   * Distinct clicks of the range and filters that arrived at or after their day's cut; not in `count`. null: the raw
   * clicks of these days, needed to count them, are not, or may not be, all in ClickHouse any more.
   */
  late: number | null;
  sources: AnswerSource[];
  /** What is known to be missing or in doubt in the range of the question; absent when nothing is. */
  warnings?: ReceiptWarning[];
}

/** In words (`means`), of clicks between two times; null: nobody knows of which. */
export interface ReceiptWarning {
  warning: string;
  means: string;
  from: string | null;
  to: string | null;
}

/** The current run of a published day. */
export interface PublishedRun {
  date: string;
  run: number;
  /** The first run ever published for the day. */
  firstRun: number;
  /** The offsets below which the run has counted. */
  cut: Cut;
  /** Registered filters (`filterId.revision`) that the run has rows for, in its index only. */
  filters?: string[];
}

const WORST_FIRST = ['not_run', 'provisional', 'restated', 'final'] as const satisfies Finality[];

/** The finality of several answers together. */
export const worstOf = (finalities: Finality[]): Finality =>
  WORST_FIRST.find((finality) => finalities.includes(finality)) ?? 'final';

export function finalityOf(allDaysHaveRuns: boolean, runs: Pick<PublishedRun, 'run' | 'firstRun'>[]): Finality {
  if (!allDaysHaveRuns) return 'provisional';
  return runs.some(({ run, firstRun }) => run !== firstRun) ? 'restated' : 'final';
}
