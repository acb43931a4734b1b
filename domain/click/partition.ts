import { crc32 } from 'node:zlib';
import type { Field } from '../address/field.ts';

/**
 * The partition of a click: by event id, so that duplicates of a click always meet, and no ad, however hot, can
 * overload one partition. (Sums per ad are computed in the stores, which merge partial sums.)
 */
export const partitionOf = (eventId: string, partitions: number): number => crc32(eventId) % partitions;

/** CRC-32 lookup table: the effect of each byte value. */
const STEPS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let step = byte;
  for (let bit = 0; bit < 8; bit++) step = step & 1 ? (step >>> 1) ^ 0xedb88320 : step >>> 1;
  return step;
});

/** `partitionOf` for an event id in bytes: for so few of them, calling zlib would cost more than computing. */
export function partitionOfBytes(bytes: Uint8Array, { start, end }: Field, partitions: number): number {
  let crc = 0xffffffff;
  for (let at = start; at < end; at++) crc = (STEPS[(crc ^ (bytes[at] as number)) & 0xff] as number) ^ (crc >>> 8);
  return ((crc ^ 0xffffffff) >>> 0) % partitions;
}
