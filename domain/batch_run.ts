/**
 * `balanced`: nothing unexplained; `tolerated`: not more than RECONCILE_LIMIT; `blocked`: more. `unattributable`: raw
 * clicks of the day are gone, and nothing speaks against the run.
 */
export type ReconciliationVerdict = 'balanced' | 'tolerated' | 'blocked' | 'unattributable';

/** What is known of a run, beside its day, as ads.batch_runs tells it. Times are ISO 8601. */
export interface BatchRunFacts {
  run: number;
  state: 'counting' | 'failed' | 'blocked' | 'accepted' | 'previewed' | 'published' | 'superseded' | 'rolled_back';
  reason: string;
  requested_by: string;
  started_at: string;
  finished_at: string | null;
  published_at: string | null;
  rolled_back_at: string | null;
  clicks: number;
  copies_dropped: number;
  late_included: number;
  /** `topic-partition` → the offset below which it has counted. */
  cut: Record<string, number>;
  inputs: string;
  /** Clicks of the run less those of the real-time path. */
  difference: number;
  /** Distinct clicks less distinct event ids: the same id with other content, counted as clicks of their own. */
  conflicts: number;
  /** What the day was answered from before; 0: its real-time counts. */
  previous_run: number;
  /** Clicks of the run less those that the day was answered with before. */
  change: number;
  /** '' until it was reconciled. */
  verdict: ReconciliationVerdict | '';
  /** Sum of the absolute differences of its minutes that nothing explains. */
  unexplained: number;
  /** Who let it through although it was blocked, and why; '' if nobody had to. */
  accepted_by: string;
  accepted_reason: string;
  /** The request of the API that it was begun for; '' if none. */
  request: string;
  note: string;
}
