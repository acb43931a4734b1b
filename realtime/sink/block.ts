import { isFromFuture, type RejectReason } from '../../domain/click/click.ts';
import type { DedupeMemory } from '../../domain/click/dedupe.ts';
import { DECODERS } from '../../domain/click/fast_message.ts';
import { decodeEvent } from '../../domain/click/message.ts';
import { annotationsBehind, EncodedRows, encodedBytes, encodePlace, identityOf } from '../../domain/click/wire.ts';
import type { EventKind } from '../../domain/event_kinds.ts';
import type { MessageFingerprint } from '../../domain/message_fingerprint.ts';
import { fingerprintOf } from '../../infra/clients/kafka.ts';
import type { Message } from './waiting.ts';

export interface Rejected {
  message: Message;
  reason: RejectReason;
}

/** Messages `[from, to)` of one partition, sorted by outcome. */
export interface Block {
  from: number;
  to: number;
  arrivedMs: number;
  rows: EncodedRows;
  copies: EncodedRows;
  rejected: Rejected[];
  /** The last message. */
  last: MessageFingerprint;
  /** The highest offset with a row; -1: none has one. */
  stored: number;
  /** Number of rows whose click time is too far in the future. */
  fromFuture: number;
}

type Hash = (bytes: Uint8Array) => bigint;

/** The partition that messages are of. */
interface Source {
  event: EventKind;
  /** Its name: the column `topic_partition`. */
  name: string;
}

/** @param messages consecutive offsets without a gap, at least one */
export function buildBlock(messages: Message[], { event, name }: Source, memory: DedupeMemory, hash: Hash): Block {
  const fastDecoder = DECODERS[event];
  const place = encodePlace(name);
  let bytesOfRows = 0;
  // An estimate: nearly all messages become rows.
  for (const { start, end } of messages) if (end > start) bytesOfRows += encodedBytes(end - start - 1, place);
  const block: Block = {
    from: Number(messages[0]?.offset),
    to: Number(messages.at(-1)?.offset) + 1,
    arrivedMs: 0,
    rows: new EncodedRows(bytesOfRows),
    copies: new EncodedRows(),
    rejected: [],
    last: { value: '', time_ms: 0 },
    stored: -1,
    fromFuture: 0,
  };
  for (const message of messages) {
    const { offset, arrivedMs, bytes, start, end } = message;
    block.arrivedMs = arrivedMs;
    let click: { click_timestamp: number } = fastDecoder;
    let identityEnd: number;
    if (fastDecoder.read(bytes, start, end, arrivedMs)) identityEnd = fastDecoder.identityEnd;
    else {
      const decoded = decodeEvent(message.value, event, arrivedMs);
      if (!decoded.ok) {
        block.rejected.push({ message, reason: decoded.reason });
        continue;
      }
      click = decoded.click;
      identityEnd = start + decoded.identityEnd;
    }
    const identity = identityOf(bytes, start, identityEnd);
    const admitted = memory.admit(hash(identity), arrivedMs);
    if (admitted && isFromFuture(click.click_timestamp, arrivedMs)) block.fromFuture += 1;
    const annotations = annotationsBehind(bytes, identityEnd, end);
    (admitted ? block.rows : block.copies).add(identity, arrivedMs, place, offset, annotations);
    block.stored = offset;
  }
  const last = messages.at(-1);
  if (last) block.last = fingerprintOf(last.value, last.arrivedMs);
  return block;
}
