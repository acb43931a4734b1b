import { z } from 'zod';
import type { RejectReason } from './click/click.ts';
import { count, time } from './fields.ts';
import type { RedriveResult } from './run_request.ts';

export const reasonCount = z.object({
  reason: z.string(),
  count,
  redriven: count,
  first_at: time,
  last_at: time,
  /** Position and text of the first one, truncated. */
  example: z.string(),
});
export type ReasonCount = z.infer<typeof reasonCount>;

/** A rejected line or message: whole if it is text, else as base64. */
export const rejectedEntry = z.object({
  /** Its position, the same however often it was rejected. */
  rejection: z.string(),
  reason: z.string(),
  at: time,
  place: z.string(),
  line: z.string().optional(),
  line_base64: z.string().optional(),
  message_base64: z.string().nullable().optional(),
  redriven: z.boolean(),
});
export type RejectedEntry = z.infer<typeof rejectedEntry>;

export interface RejectedAsked {
  /** Only those with one reason. */
  reason?: RejectReason | undefined;
  /** Only those that are at this place, or have this text in them. */
  about?: string;
  /** The latest that are listed. */
  limit: number;
}

/** What was rejected, read from its topic anew at each question. */
export interface RejectedLines {
  list(
    asked: RejectedAsked,
    report?: (progress: string) => void,
  ): Promise<{ reasons: ReasonCount[]; rejected: RejectedEntry[] }>;
  /** Sends again what is an event by the rules of now; of one reason, or (null) of all. */
  redrive(reason: RejectReason | null, report?: (progress: string) => void): Promise<RedriveResult>;
}
