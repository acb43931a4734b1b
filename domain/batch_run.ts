/**
 * `balanced`: nothing unexplained; `tolerated`: at most RECONCILE_LIMIT; `blocked`: more. `unattributable`: raw clicks
 * of the day have expired, and nothing contradicts the run.
 */
export type ReconciliationVerdict = 'balanced' | 'tolerated' | 'blocked' | 'unattributable';

/** A run's row in ads.batch_runs, without its day. Times are ISO 8601. */
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
  /** `topic-partition` → the offset below which the run has counted. */
  cut: Record<string, number>;
  inputs: string;
  /** Clicks of the run minus those of the real-time path. */
  difference: number;
  /** Distinct clicks minus distinct event ids: the same id with other content counts as a separate click. */
  conflicts: number;
  /** The run that answered for the day before; 0: its real-time counts. */
  previous_run: number;
  /** Clicks of the run minus those of the day's previous answer. */
  change: number;
  /** '' until the run is reconciled. */
  verdict: ReconciliationVerdict | '';
  /** Sum of the absolute differences of its minutes that have no explanation. */
  unexplained: number;
  /** The operator who accepted it although it was blocked, and the reason; '' if not needed. */
  accepted_by: string;
  accepted_reason: string;
  /** The API request that started it; '' if there was none. */
  request: string;
  note: string;
}
