import { isFromFuture, type RejectReason } from '../domain/click.ts';
import type { DedupeMemory } from '../domain/dedupe.ts';
import { decodeClick, encodePlace, encodeRow, identityOf } from '../domain/wire.ts';
import type { KafkaMessage } from '../infra/clients/kafka.ts';

export interface Rejected {
  message: KafkaMessage;
  reason: RejectReason;
}

/** Messages `[from, to)` of one partition, sorted into what they are. Rows are RowBinary of ads.clicks. */
export interface Block {
  from: number;
  to: number;
  arrivedMs: number;
  rows: Buffer[];
  copies: Buffer[];
  rejected: Rejected[];
  /** How many of `rows` are from the future. */
  fromFuture: number;
}

type Hash = (bytes: Uint8Array) => bigint;

/** @param messages one after the other, without a gap, at least one */
export function buildBlock(messages: KafkaMessage[], topicPartition: string, memory: DedupeMemory, hash: Hash): Block {
  const block: Block = { from: 0, to: 0, arrivedMs: 0, rows: [], copies: [], rejected: [], fromFuture: 0 };
  block.from = Number(messages[0]?.offset);
  block.to = Number(messages.at(-1)?.offset) + 1;
  const place = encodePlace(topicPartition);
  for (const message of messages) {
    const arrivedMs = Number(message.timestamp);
    block.arrivedMs = arrivedMs;
    const decoded = decodeClick(message.value, arrivedMs);
    if (!decoded.ok || message.value === null) {
      block.rejected.push({ message, reason: decoded.ok ? 'bad_message' : decoded.reason });
      continue;
    }
    const identity = identityOf(message.value);
    const admitted = memory.admit(hash(identity), arrivedMs);
    if (admitted && isFromFuture(decoded.click.click_timestamp, arrivedMs)) block.fromFuture += 1;
    (admitted ? block.rows : block.copies).push(encodeRow(identity, arrivedMs, place, BigInt(message.offset)));
  }
  return block;
}
