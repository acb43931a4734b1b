import type { ReconciliationVerdict } from './batch_run.ts';

/** Two sums that have to be the same. */
export interface ConservationRule {
  rule: string;
  left: number;
  right: number;
  ok: boolean;
}

/** Clicks. `difference` (real time less run) = late + copies + redriven + unattributed + unexplained. */
interface Attributed {
  difference: number;
  /** Arrived at or beyond the cut: the next run counts them. */
  late: number;
  /** Further sends of a click, outside the window in which real time drops them. */
  copies: number;
  /** Of both kinds, those that were sent again by a re-drive of rejected clicks. */
  redriven: number;
  /** Nobody can say, for the raw clicks are gone. */
  unattributed: number;
}

export interface ReconciledAd extends Attributed {
  ad_id: string;
  /** Of the minutes that differ. */
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
  /** Whether the day's raw clicks are still there to explain anything with. */
  raw: 'kept' | 'gone';
  realtime: number;
  counted: number;
  /** In the run but not in real time. */
  lost: number;
  /** In real time but not in the run. */
  surplus: number;
  /** Both. */
  unexplained: number;
  /** How many (ad, minute) differ in anything. */
  ad_minutes: number;
  rules: ConservationRule[];
  worst_ads: ReconciledAd[];
}
