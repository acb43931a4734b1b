import { createHash } from 'node:crypto';
import type { MessageFingerprint } from '../../../domain/message_fingerprint.ts';
import type { Arrived } from './codec/lazy_message.ts';

/** @param value null: the message has none */
export const fingerprintOf = (value: Uint8Array | null, timeMs: number): MessageFingerprint => ({
  value: createHash('sha256')
    .update(value ?? '')
    .digest('hex'),
  time_ms: timeMs,
});

/** A message without a value has the fingerprint of an empty one. */
export const fingerprintOfArrived = ({ bytes, valueStart, valueLength, arrivedMs }: Arrived): MessageFingerprint =>
  fingerprintOf(bytes.subarray(valueStart, valueStart + Math.max(0, valueLength)), arrivedMs);
