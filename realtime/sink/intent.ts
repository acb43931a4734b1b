import { z } from 'zod';
import { count } from '../../domain/fields.ts';
import { parsedJson } from '../../domain/parse.ts';

/**
 * What the sink commits for a partition: all messages below `offset` are in ClickHouse, and, if `pending` is set, the
 * insert of `[offset, pending)` was started and may or may not have happened. It is stored as the offset's metadata
 * before the insert, so the partition's next owner repeats exactly that range, under the same token.
 */
export interface Progress {
  offset: number;
  pending: number | null;
  /** Arrival of the last message below `offset`, for the watermark; null if nothing was counted yet. */
  arrivedMs: number | null;
  /** Number of messages below `offset` that are not valid clicks; with the stored rows they must add up to `offset`. */
  rejected: number;
}

const metadata = z.object({ pending: count.nullable(), arrived: z.int().nullable(), rejected: count });

export const encodeMetadata = ({ pending, arrivedMs, rejected }: Progress): string =>
  JSON.stringify({ pending, arrived: arrivedMs, rejected });

export function decodeProgress(offset: number, text: string): Progress {
  if (text === '') return { offset, pending: null, arrivedMs: null, rejected: 0 };
  const { pending, arrived, rejected } = parsedJson(metadata, text, `metadata of the committed offset ${offset}`);
  return { offset, pending, arrivedMs: arrived, rejected };
}

/** Deduplication token of a block: the same range always holds the same rows. */
export const blockToken = (topicPartition: string, from: number, to: number): string =>
  `${topicPartition}-${from}-${to}`;
