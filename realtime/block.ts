import { isFromFuture, type RejectReason } from '../domain/click.ts';
import { decodeClick, identityOf } from '../domain/wire.ts';
import type { KafkaMessage } from '../infra/clients/kafka.ts';
import type { DedupeMemory } from './dedupe.ts';

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
  const place = Buffer.from(` ${topicPartition}`);
  place[0] = place.length - 1;
  for (const message of messages) {
    const arrivedMs = Number(message.timestamp);
    block.arrivedMs = arrivedMs;
    const decoded = decodeClick(message.value, arrivedMs);
    if (!decoded.ok || message.value === null) {
      block.rejected.push({ message, reason: decoded.ok ? 'bad_message' : decoded.reason });
      continue;
    }
    const identity = identityOf(message.value);
    const h = hash(identity);
    const admitted = memory.admit(Number(h & 0xffffffffn), Number(h >> 32n), arrivedMs);
    if (admitted && isFromFuture(decoded.click.click_timestamp, arrivedMs)) block.fromFuture += 1;
    (admitted ? block.rows : block.copies).push(encodeRow(identity, arrivedMs, place, message.offset));
  }
  return block;
}

/** The message's own bytes are the first columns of the row; arrival and place follow. */
function encodeRow(identity: Buffer, arrivedMs: number, place: Buffer, offset: string): Buffer {
  const row = Buffer.allocUnsafe(identity.length + 8 + place.length + 8);
  let at = identity.copy(row, 0);
  at = row.writeBigInt64LE(BigInt(arrivedMs), at);
  at += place.copy(row, at);
  row.writeBigUInt64LE(BigInt(offset), at);
  return row;
}
