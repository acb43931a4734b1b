import { z } from 'zod';
import { cut } from './cut.ts';
import { count, time } from './fields.ts';

/**
 * `balanced`: nothing unexplained; `tolerated`: at most RECONCILE_LIMIT; `blocked`: more. `unattributable`: raw clicks
 * of the day have expired, and nothing contradicts the run.
 */
export const reconciliationVerdict = z.enum(['balanced', 'tolerated', 'blocked', 'unattributable']);
export type ReconciliationVerdict = z.infer<typeof reconciliationVerdict>;

/**
 * What the ledger records of a run. `published` is the commit point: from that row on the day is answered from the run.
 * `blocked`: reconciliation did not let it through; `accepted`: a person did. `previewed`: counted to be looked at, and
 * never published.
 */
export const recordedState = z.enum(['counting', 'failed', 'blocked', 'accepted', 'previewed', 'published']);
export type RecordedState = z.infer<typeof recordedState>;

/** Every event of a run repeats them, and readers take them from its latest one. */
export const runFigures = z.object({
  clicks: count,
  copies_dropped: count,
  late_included: count,
  cut,
  inputs: z.string(),
  /** Clicks of the run minus those of the real-time path. */
  difference: z.int(),
  /** Distinct clicks minus distinct event ids: the same id with other content counts as a separate click. */
  conflicts: count,
  /** Archived copies of its clicks with other annotations than the first copy of theirs has. Nothing depends on it. */
  annotation_conflicts: count,
  /** The run that answered for the day before; 0: its real-time counts. */
  previous_run: count,
  /** Clicks of the run minus those of the day's previous answer. */
  change: z.int(),
  /** '' until the run is reconciled. */
  verdict: z.enum([...reconciliationVerdict.options, '']),
  /** Sum of the absolute differences of its minutes that have no explanation. */
  unexplained: count,
});
export type RunFigures = z.infer<typeof runFigures>;

/** What is known of a run, beside its day, as ads.batch_runs tells it. Hive's copy of it has its fields in this order. */
export const batchRunFacts = z.object({
  run: z.int().min(1),
  state: z.enum([...recordedState.options, 'superseded', 'rolled_back']),
  reason: z.string(),
  requested_by: z.string(),
  started_at: time,
  finished_at: time.nullable(),
  published_at: time.nullable(),
  rolled_back_at: time.nullable(),
  ...runFigures.shape,
  /** The operator who accepted it although it was blocked, and the reason; '' if not needed. */
  accepted_by: z.string(),
  accepted_reason: z.string(),
  /** The API request that started it; '' if there was none. */
  request: z.string(),
  note: z.string(),
});
export type BatchRunFacts = z.infer<typeof batchRunFacts>;
