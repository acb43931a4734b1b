import { isUtf8 } from 'node:buffer';
import type { Field } from '../domain/address/field.ts';
import { NO_ANNOTATIONS } from '../domain/click/annotations.ts';
import type { Parsed, RejectReason } from '../domain/click/click.ts';
import type { LineBytes } from '../domain/click/click_bytes.ts';
import { partitionOfBytes } from '../domain/click/partition.ts';
import { encodeEvent, encodeLineBytes, findIds, MAX_VALUE_BYTES } from '../domain/click/wire.ts';
import { Records } from '../infra/clients/kafka.ts';
import { addLines, type LineTotals, noLines, type Position } from './checkpoint.ts';

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

/** What a batch has to know of the topics. */
export interface Topics {
  /** Number of its partitions. */
  partitionsOf(topic: string): number;
  /** Whether everyone who reads it reads annotations. Until then they are left out. */
  canAnnotate(topic: string): boolean;
}

type ParsedEvent = Extract<Parsed, { ok: true }>;

/** Messages sent together, and the positions to checkpoint once they are acknowledged. */
export class Batch {
  /** By topic and partition. */
  readonly events = new Map<string, Records[]>();
  readonly rejected = new Records(0);
  readonly reasons = new Map<RejectReason, number>();
  readonly positions = new Map<string, Position>();
  /** What became of the lines that were taken. */
  totals = noLines();
  /** Annotations of sent events that are not sent with them. */
  leftOut = 0;
  readonly #topics: Topics;
  readonly #isLeftOut: ((topic: string, value: Buffer) => boolean) | null;
  readonly #scratch = Buffer.allocUnsafe(MAX_VALUE_BYTES);
  readonly #value = { start: 0, end: 0 };
  readonly #eventId = { start: 0, end: 0 };
  readonly #adId = { start: 0, end: 0 };
  #eventCount = 0;
  #bytes = 0;

  /** @param isLeftOut whether the value of a message is not sent, though its line counts as taken */
  constructor(topics: Topics, isLeftOut: ((topic: string, value: Buffer) => boolean) | null = null) {
    this.#topics = topics;
    this.#isLeftOut = isLeftOut;
  }

  get isFull(): boolean {
    return this.#bytes >= FULL_AT_BYTES || this.#eventCount + this.rejected.length >= MAX_MESSAGES;
  }

  get isEmpty(): boolean {
    return this.positions.size === 0;
  }

  /** Lines of a generation were taken, up to this position. */
  moveTo(generation: string, position: Position, counts: LineTotals): void {
    this.positions.set(generation, position);
    this.totals = addLines(this.totals, counts);
  }

  addEvent(topic: string, { kind, click, annotations, leftOut }: ParsedEvent): void {
    const isAnnotated = annotations.size > 0 && this.#topics.canAnnotate(topic);
    const value = encodeEvent(kind, click, isAnnotated ? annotations : NO_ANNOTATIONS);
    this.leftOut += leftOut + (isAnnotated ? 0 : annotations.size);
    this.#add(topic, value, value.length);
  }

  /** @param eventBytes buffer of the event id; everything else is in `bytes` */
  addLineBytes(topic: string, bytes: Uint8Array, line: LineBytes, eventBytes: Uint8Array, eventId: Field): void {
    const { count } = line.annotations;
    const isAnnotated = count > 0 && this.#topics.canAnnotate(topic);
    if (!isAnnotated) this.leftOut += count;
    this.#add(topic, this.#scratch, encodeLineBytes(this.#scratch, bytes, line, isAnnotated, eventBytes, eventId));
  }

  /** @param length of the whole line in bytes, if `line` is truncated */
  addRejected(reason: RejectReason, line: Buffer, place: LinePosition, nowMs: number, length = line.length): void {
    const isLong = reason === 'line_too_long' || length > line.length;
    const kept = line.subarray(0, isLong ? TRUNCATED_BYTES : line.length);
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
    if (this.#isLeftOut?.(topic, Buffer.from(bytes.buffer, bytes.byteOffset, length))) return;
    findIds(bytes, this.#eventId, this.#adId);
    this.#value.end = length;
    const partitions = this.#topics.partitionsOf(topic);
    const partition = partitionOfBytes(bytes, this.#eventId, partitions);
    let all = this.events.get(topic);
    if (all === undefined) {
      all = Array.from({ length: partitions }, (_, n) => new Records(n));
      this.events.set(topic, all);
    }
    (all[partition] as Records).add(bytes, this.#adId, bytes, this.#value);
    this.#eventCount++;
    this.#bytes += length + MESSAGE_OVERHEAD_BYTES;
  }
}
