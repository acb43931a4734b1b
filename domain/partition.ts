import { crc32 } from 'node:zlib';

/**
 * The partition of a click: by event id, so that copies of one click always meet, and no ad, however hot, can fill
 * one partition. (The sum per ad happens in the stores, which merge partial sums.)
 */
export const partitionOf = (eventId: string, partitions: number): number => crc32(eventId) % partitions;
