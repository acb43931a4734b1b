import { z } from 'zod';

/**
 * What tells a message from any other that may be given its offset: when the end of a log was lost, or the topic made
 * anew, offsets are given out once more.
 */
export const messageFingerprint = z.object({
  /** SHA-256 of its value, in hex. */
  value: z.string(),
  /** When it was appended, epoch ms. */
  time_ms: z.int(),
});
export type MessageFingerprint = z.infer<typeof messageFingerprint>;

export const isSameMessage = (a: MessageFingerprint, b: MessageFingerprint): boolean =>
  a.value === b.value && a.time_ms === b.time_ms;
