import { isUtf8 } from 'node:buffer';
import type { Click, RejectReason } from '../domain/click.ts';
import { partitionOf } from '../domain/partition.ts';
import { encodeClick } from '../domain/wire.ts';
import type { Position } from './checkpoint.ts';

export interface OutMessage {
  key: string;
  value: Buffer | string;
  partition: number;
}

/** Where a line stands: its place for ever, whatever the file is called later. */
interface Place {
  host: string;
  file: string;
  generation: string;
  offset: number;
}

export const placeId = (host: string, generation: string, offset: number): string => `${host}:${generation}:${offset}`;

const MAX_MESSAGES = 5_000;
/** All rejected lines go to one partition, and the broker takes at most 1 MiB for one at a time. */
const FULL_AT_BYTES = 512 * 1024;
const MESSAGE_OVERHEAD_BYTES = 40;

/** What of a line beyond the limit is kept. */
const CUT_BYTES = 16 * 1024;

/** Messages that are sent together, and what has been read once they are acknowledged. */
export class Batch {
  /** By topic. */
  readonly clicks = new Map<string, OutMessage[]>();
  readonly rejected: OutMessage[] = [];
  readonly reasons = new Map<RejectReason, number>();
  readonly positions = new Map<string, Position>();
  readonly #partitionsOf: (topic: string) => number;
  #clickCount = 0;
  #bytes = 0;

  constructor(partitionsOf: (topic: string) => number) {
    this.#partitionsOf = partitionsOf;
  }

  get clickCount(): number {
    return this.#clickCount;
  }

  get isFull(): boolean {
    return this.#bytes >= FULL_AT_BYTES || this.#clickCount + this.rejected.length >= MAX_MESSAGES;
  }

  get isEmpty(): boolean {
    return this.positions.size === 0;
  }

  addClick(topic: string, click: Click): void {
    const value = encodeClick(click);
    const message = { key: click.ad_id, value, partition: partitionOf(click.event_id, this.#partitionsOf(topic)) };
    const messages = this.clicks.get(topic);
    if (messages) messages.push(message);
    else this.clicks.set(topic, [message]);
    this.#clickCount++;
    this.#bytes += value.length + MESSAGE_OVERHEAD_BYTES;
  }

  /** @param length of the whole line in bytes, when `line` is only its beginning */
  addRejected(reason: RejectReason, line: Buffer, place: Place, nowMs: number, length = line.length): void {
    const kept = line.subarray(0, reason === 'line_too_long' ? CUT_BYTES : line.length);
    const value = JSON.stringify({
      reason,
      ...(isUtf8(kept) ? { line: kept.toString() } : { line_base64: kept.toString('base64') }),
      ...(length > kept.length && { line_bytes: length }),
      ...place,
      seen_at: new Date(nowMs).toISOString(),
    });
    this.rejected.push({ key: placeId(place.host, place.generation, place.offset), value, partition: 0 });
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
    this.#bytes += Buffer.byteLength(value) + MESSAGE_OVERHEAD_BYTES;
  }
}
