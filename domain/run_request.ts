import { z } from 'zod';
import { reconciliationVerdict } from './batch_run.ts';
import { count, day } from './fields.ts';

/** What the nightly role can be asked for. `redrive`: to send rejected lines again that are events by the rules of now. */
export const requestedAction = z.enum(['rebuild', 'preview', 'accept', 'rollback', 'redrive']);
export type RequestedAction = z.infer<typeof requestedAction>;

export const requestState = z.enum(['asked', 'working', 'done', 'failed']);
export type RequestState = z.infer<typeof requestState>;

/** A request as each of its rows in ads.run_requests repeats it: for the days `[from_day, to_day)`. */
export const runsRequest = z.object({
  request: z.string(),
  action: requestedAction,
  from_day: day,
  to_day: day,
  /** That of a roll-back; 0 otherwise. */
  run: count,
  /** The only reason of a re-drive; '': all, and of other requests. */
  rejected_for: z.string(),
  reason: z.string(),
  requested_by: z.string(),
  /** X-Request-Id of the HTTP request that asked; '': from an earlier release. */
  request_id: z.string(),
});
export type RunsRequest = z.infer<typeof runsRequest>;

export const adChange = z.object({ ad_id: z.string(), before: count, after: count, change: z.int() });

/** What a run would change. */
export const preview = z.object({
  date: day,
  run: z.int().min(1),
  /** The run that answers for the day now; 0: its real-time counts. */
  previous_run: count,
  before: count,
  after: count,
  ads_changed: count,
  /** The verdict of its reconciliation. */
  verdict: reconciliationVerdict,
  unexplained: count,
  /** The largest changes first, at most a thousand. */
  ads: z.array(adChange),
});
export type Preview = z.infer<typeof preview>;

export const redriveResult = z.object({
  /** Events sent by this re-drive. */
  sent: count,
  /** Events that a killed re-drive had sent without recording it; they were not sent again. */
  found_sent: count,
  /** Rejections that an earlier re-drive had settled. */
  settled_before: count,
  /** Rejections that agree in every field with another one of their kind that was re-driven: one event. */
  copies: count,
  /** Annotations of sent events that were not sent with them, since a reader does not read them. */
  annotations_left_out: count,
  /** Valid, but of a kind that is not run: not sent. */
  not_run: count,
  /** Still invalid: reason by the current rules → count. */
  still_rejected: z.record(z.string(), count),
});
export type RedriveResult = z.infer<typeof redriveResult>;

/** The state of a request, from its states for the kinds it asks for. */
export function stateOfKinds(states: readonly RequestState[]): RequestState {
  if (states.every((state) => state === 'asked')) return 'asked';
  if (states.some((state) => state === 'asked' || state === 'working')) return 'working';
  return states.includes('failed') ? 'failed' : 'done';
}
