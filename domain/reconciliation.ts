import { z } from 'zod';
import { reconciliationVerdict } from './batch_run.ts';
import { count, day, time } from './fields.ts';

/** Two sums that must be equal. */
export const conservationRule = z.object({ rule: z.string(), left: z.int(), right: z.int(), ok: z.boolean() });
export type ConservationRule = z.infer<typeof conservationRule>;

/** Clicks. `difference` (real time minus run) = late + copies + redriven + unattributed - collision + unexplained. */
const attributed = {
  difference: z.int(),
  /** Arrived at or after the cut: the next run counts them. */
  late: z.int(),
  /** Duplicates outside the window in which real time drops them. */
  copies: z.int(),
  /** Late clicks and duplicates that a re-drive of rejected clicks sent. */
  redriven: z.int(),
  /** Cannot be explained, since the raw clicks have expired. */
  unattributed: z.int(),
  /** In the run; real time has dropped them as copies of other clicks, which have the same 64-bit hash. */
  collision: count,
};

export const reconciledAd = z.object({
  ad_id: z.string(),
  /** Sums over the minutes that differ. */
  realtime: z.int(),
  counted: z.int(),
  ...attributed,
  unexplained: z.int(),
});
export type ReconciledAd = z.infer<typeof reconciledAd>;

/** What the differing minutes of a day add up to. */
export const reconciledTotals = z.object({
  ...attributed,
  /** In the run but not in real time. */
  lost: z.int(),
  /** In real time but not in the run. */
  surplus: z.int(),
  /** Number of (ad, minute) pairs with any difference. */
  ad_minutes: count,
});
export type ReconciledTotals = z.infer<typeof reconciledTotals>;

/** Why the real-time counts of a day and a run of it differ, by (ad, minute). */
export const reconciliation = z.object({
  date: day,
  run: z.int().min(1),
  reconciled_at: time,
  verdict: reconciliationVerdict,
  unexplained_limit: count,
  /** Whether the day's raw clicks still exist, so that differences can be explained. */
  raw: z.enum(['kept', 'gone']),
  realtime: z.int(),
  counted: z.int(),
  ...reconciledTotals.shape,
  /** Lost and surplus. */
  unexplained: z.int(),
  rules: z.array(conservationRule),
  worst_ads: z.array(reconciledAd),
});
export type Reconciliation = z.infer<typeof reconciliation>;
