import { z } from 'zod';
import { count } from '../../domain/fields.ts';
import { type MessageFingerprint, messageFingerprint } from '../../domain/message_fingerprint.ts';
import { parsedJson } from '../../domain/parse.ts';

/**
 * What the sink commits for a partition: all messages below `offset` are in ClickHouse, and, if `pending` is set, the
 * insert of `[offset, pending)` was started and may or may not have happened. It is stored as the offset's metadata
 * before the insert, so the partition's next owner repeats exactly that range, under the same token.
 */
export interface Progress {
  /** Which log of the partition the offsets belong to (domain/partition_names.ts). */
  generation: number;
  offset: number;
  pending: number | null;
  /** Arrival of the last message below `offset`, for the watermark; null if nothing was counted yet. */
  arrivedMs: number | null;
  /** Number of messages below `offset` that are not valid clicks; with the stored rows they must add up to `offset`. */
  rejected: number;
  /** The message before `offset`, which what is read on must follow; null: not on record. */
  before: MessageFingerprint | null;
  /** The highest offset that ClickHouse must hold below `offset`, -1: none; null: not on record. */
  stored: number | null;
  /**
   * How far ClickHouse's tables had been written when `pending` was set (realtime_inserts.sql): tells whether they can
   * have forgotten the block's token. null: not on record.
   */
  inserts: number[] | null;
}

export const NOTHING_COUNTED: Progress = {
  generation: 1,
  offset: 0,
  pending: null,
  arrivedMs: null,
  rejected: 0,
  before: null,
  stored: -1,
  inserts: null,
};

const metadata = z.object({
  pending: count.nullable(),
  arrived: z.int().nullable(),
  rejected: count,
  // Absent in what was committed before they existed.
  generation: z.int().min(1).default(1),
  before: messageFingerprint.nullable().default(null),
  stored: z.int().min(-1).nullable().default(null),
  inserts: z.array(count).nullable().default(null),
});

export const encodeMetadata = ({ offset: _, arrivedMs: arrived, ...rest }: Progress): string =>
  JSON.stringify({ ...rest, arrived });

export function decodeProgress(offset: number, text: string): Progress {
  if (text === '') return { ...NOTHING_COUNTED, offset, stored: offset === 0 ? -1 : null };
  const { arrived, ...rest } = parsedJson(metadata, text, `metadata of the committed offset ${offset}`);
  return { offset, ...rest, arrivedMs: arrived };
}

/** Deduplication token of a block: the same range always holds the same rows. */
export const blockToken = (topicPartition: string, from: number, to: number): string =>
  `${topicPartition}-${from}-${to}`;
