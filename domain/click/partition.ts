import { crc32 } from 'node:zlib';
import type { Field } from '../address/field.ts';

/**
 * The partition of a click: by event id, so that copies of one click always meet, and no ad, however hot, can fill
 * one partition. (The sum per ad happens in the stores, which merge partial sums.)
 */
export const partitionOf = (eventId: string, partitions: number): number => crc32(eventId) % partitions;

/** What each byte does to a CRC-32 that is being computed. */
const STEPS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let step = byte;
  for (let bit = 0; bit < 8; bit++) step = step & 1 ? (step >>> 1) ^ 0xedb88320 : step >>> 1;
  return step;
});

/** The same of an event id in bytes: for so few of them, asking zlib would take longer than computing. */
export function partitionOfBytes(bytes: Uint8Array, { start, end }: Field, partitions: number): number {
  let crc = 0xffffffff;
  for (let at = start; at < end; at++) crc = (STEPS[(crc ^ (bytes[at] as number)) & 0xff] as number) ^ (crc >>> 8);
  return ((crc ^ 0xffffffff) >>> 0) % partitions;
}
