import { isUtf8 } from 'node:buffer';
import type { Field } from '../domain/address/field.ts';
import type { Click, RejectReason } from '../domain/click/click.ts';
import type { ClickBytes } from '../domain/click/click_bytes.ts';
import { partitionOfBytes } from '../domain/click/partition.ts';
import { encodeClick, encodeClickBytes, findIds, MAX_VALUE_BYTES } from '../domain/click/wire.ts';
import { Records } from '../infra/clients/kafka.ts';
import type { Position } from './checkpoint.ts';

/** Position of a line: permanent, even if the file is renamed later. */
interface LinePosition {
  host: string;
  file: string;
  generation: string;
  offset: number;
}

export const placeId = (host: string, generation: string, offset: number): string => `${host}:${generation}:${offset}`;

const MAX_MESSAGES = 5_000;
/** All rejected lines go to one partition, and the broker takes batches of at most 1 MiB. */
const FULL_AT_BYTES = 512 * 1024;
const MESSAGE_OVERHEAD_BYTES = 40;

/** Oversized lines are truncated to this many bytes. */
const TRUNCATED_BYTES = 16 * 1024;

/** Messages sent together, and the positions to checkpoint once they are acknowledged. */
export class Batch {
  /** By topic and partition. */
  readonly clicks = new Map<string, Records[]>();
  readonly rejected = new Records(0);
  readonly reasons = new Map<RejectReason, number>();
  readonly positions = new Map<string, Position>();
  readonly #partitionsOf: (topic: string) => number;
  readonly #scratch = Buffer.allocUnsafe(MAX_VALUE_BYTES);
  readonly #value = { start: 0, end: 0 };
  readonly #eventId = { start: 0, end: 0 };
  readonly #adId = { start: 0, end: 0 };
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
    this.#add(topic, value, value.length);
  }

  /** @param eventBytes buffer of the event id; the other fields are in `bytes` */
  addClickBytes(topic: string, bytes: Uint8Array, click: ClickBytes, eventBytes: Uint8Array, eventId: Field): void {
    this.#add(topic, this.#scratch, encodeClickBytes(this.#scratch, bytes, click, eventBytes, eventId));
  }

  /** @param length of the whole line in bytes, if `line` is truncated */
  addRejected(reason: RejectReason, line: Buffer, place: LinePosition, nowMs: number, length = line.length): void {
    const kept = line.subarray(0, reason === 'line_too_long' ? TRUNCATED_BYTES : line.length);
    const value = JSON.stringify({
      reason,
      ...(isUtf8(kept) ? { line: kept.toString() } : { line_base64: kept.toString('base64') }),
      ...(length > kept.length && { line_bytes: length }),
      ...place,
      seen_at: new Date(nowMs).toISOString(),
    });
    this.rejected.addMessage(placeId(place.host, place.generation, place.offset), value);
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
    this.#bytes += Buffer.byteLength(value) + MESSAGE_OVERHEAD_BYTES;
  }

  #add(topic: string, bytes: Uint8Array, length: number): void {
    findIds(bytes, this.#eventId, this.#adId);
    this.#value.end = length;
    const partitions = this.#partitionsOf(topic);
    const partition = partitionOfBytes(bytes, this.#eventId, partitions);
    let all = this.clicks.get(topic);
    if (all === undefined) {
      all = Array.from({ length: partitions }, (_, n) => new Records(n));
      this.clicks.set(topic, all);
    }
    (all[partition] as Records).add(bytes, this.#adId, bytes, this.#value);
    this.#clickCount++;
    this.#bytes += length + MESSAGE_OVERHEAD_BYTES;
  }
}
