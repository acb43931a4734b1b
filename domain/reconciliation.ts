import type { ReconciliationVerdict } from './batch_run.ts';

/** Two sums that must be equal. */
export interface ConservationRule {
  rule: string;
  left: number;
  right: number;
  ok: boolean;
}

/** Clicks. `difference` (real time minus run) = late + copies + redriven + unattributed + unexplained. */
interface Attributed {
  difference: number;
  /** Arrived at or after the cut: the next run counts them. */
  late: number;
  /** Duplicates outside the window in which real time drops them. */
  copies: number;
  /** Late clicks and duplicates that a re-drive of rejected clicks sent. */
  redriven: number;
  /** Cannot be explained, since the raw clicks have expired. */
  unattributed: number;
}

export interface ReconciledAd extends Attributed {
  ad_id: string;
  /** Sums over the minutes that differ. */
  realtime: number;
  counted: number;
  unexplained: number;
}

/** Why the real-time counts of a day and a run of it differ, by (ad, minute). */
export interface Reconciliation extends Attributed {
  date: string;
  run: number;
  /** ISO 8601. */
  reconciled_at: string;
  verdict: ReconciliationVerdict;
  unexplained_limit: number;
  /** Whether the day's raw clicks still exist, so that differences can be explained. */
  raw: 'kept' | 'gone';
  realtime: number;
  counted: number;
  /** In the run but not in real time. */
  lost: number;
  /** In real time but not in the run. */
  surplus: number;
  /** `lost` + `surplus`. */
  unexplained: number;
  /** Number of (ad, minute) pairs with any difference. */
  ad_minutes: number;
  rules: ConservationRule[];
  worst_ads: ReconciledAd[];
}
