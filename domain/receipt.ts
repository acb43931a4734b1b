import type { Cut } from './cut.ts';

/** Where the clicks of an answer came from. */
export type AnswerSource = 'elasticsearch' | 'clickhouse' | 'hive';

export type Finality = 'final' | 'restated' | 'provisional';

/** Times are ISO 8601 (UTC); `from` and `to` are outer bounds, null when nothing of the range lies on that side. */
export interface Receipt {
  /** The past time that the answer is as of, if one was asked for: status, runs, watermark and late are of then. */
  as_of?: string;
  status: Finality;
  batch: { count: number; from: string | null; to: string | null; runs: { date: string; run: number }[] };
  realtime: { count: number; from: string | null; to: string | null };
  /** No click that arrived before it is still uncounted, but for the allowed lateness. */
  watermark: string | null;
  /** Minutes before it were answered from what the indexer has applied. */
  boundary: string | null;
  /**
   * Distinct clicks of the range and filters that arrived beyond their day's cut; not in `count`. null: raw clicks of
   * these days, which tell it, are not, or may not be, all in ClickHouse any more.
   */
  late: number | null;
  sources: AnswerSource[];
}

/** The current run of a published day. */
export interface PublishedRun {
  date: string;
  run: number;
  /** The first run that was ever published for the day. */
  firstRun: number;
  /** The offsets below which the run has counted. */
  cut: Cut;
  /** Registered filters (`filterId.revision`) that it has rows of, in its index only. */
  filters?: string[];
}

export function finalityOf(allDaysHaveRuns: boolean, runs: Pick<PublishedRun, 'run' | 'firstRun'>[]): Finality {
  if (!allDaysHaveRuns) return 'provisional';
  return runs.some(({ run, firstRun }) => run !== firstRun) ? 'restated' : 'final';
}
