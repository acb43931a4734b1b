import { createHash } from 'node:crypto';
import type { MessageFingerprint } from '../../../domain/message_fingerprint.ts';

/** @param value null: the message has none */
export const fingerprintOf = (value: Uint8Array | null, timeMs: number): MessageFingerprint => ({
  value: createHash('sha256')
    .update(value ?? '')
    .digest('hex'),
  time_ms: timeMs,
});
