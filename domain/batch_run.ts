/** What is known of a run, beside its day, as ads.batch_runs tells it. Times are ISO 8601. */
export interface BatchRunFacts {
  run: number;
  state: 'counting' | 'failed' | 'published' | 'superseded' | 'rolled_back';
  reason: string;
  requested_by: string;
  started_at: string;
  finished_at: string | null;
  published_at: string | null;
  clicks: number;
  copies_dropped: number;
  late_included: number;
  /** `topic-partition` → the offset below which it has counted. */
  cut: Record<string, number>;
  inputs: string;
  difference: number;
  /** Distinct clicks less distinct event ids: the same id with other content, counted as clicks of their own. */
  conflicts: number;
}
