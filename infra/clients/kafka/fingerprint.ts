import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { LazyMessage } from './codec/lazy_message.ts';

/**
 * What tells a message from any other that may be given its offset: when the end of a log was lost, or the topic made
 * anew, offsets are given out once more.
 */
export const fingerprint = z.object({
  /** SHA-256 of its value, in hex. */
  value: z.string(),
  /** Its time stamp, epoch ms. */
  time_ms: z.int(),
  /** Of the leader that appended it. */
  leader_epoch: z.int(),
});
export type Fingerprint = z.infer<typeof fingerprint>;

export type Fingerprinted = Pick<LazyMessage, 'value' | 'arrivedMs' | 'leaderEpoch'>;

export const fingerprintOf = ({ value, arrivedMs, leaderEpoch }: Fingerprinted): Fingerprint => ({
  value: createHash('sha256')
    .update(value ?? '')
    .digest('hex'),
  time_ms: arrivedMs,
  leader_epoch: leaderEpoch,
});

export const isSameMessage = (a: Fingerprint, b: Fingerprint): boolean =>
  a.value === b.value && a.time_ms === b.time_ms && a.leader_epoch === b.leader_epoch;
