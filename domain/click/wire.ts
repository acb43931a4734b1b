import type { Field } from '../address/field.ts';
import type { EventKind } from '../event_kinds.ts';
import { type Annotations, NO_ANNOTATIONS } from './annotations.ts';
import { annotationsSize, copyAnnotations, MAX_ANNOTATIONS_SIZE, writeAnnotations } from './annotations_wire.ts';
import { type Click, MAX_FIELD_BYTES } from './click.ts';
import { copyField, type LineBytes } from './click_bytes.ts';

/**
 * The value of a message: one version byte, which tells the kind of event and whether annotations follow; the fields in
 * ClickHouse's RowBinary (length byte and UTF-8 for text, Int64 for the time); then, of an annotated event, its
 * annotations as RowBinary has a Map(String, String). The bytes of the fields are the event's identity; the sink passes
 * them to ClickHouse unchanged, without parsing them into objects and back.
 */
export const WIRE_VERSIONS: Record<EventKind, { plain: number; annotated: number }> = {
  click: { plain: 1, annotated: 2 },
  impression: { plain: 3, annotated: 4 },
  conversion: { plain: 5, annotated: 6 },
};

const versionOf = (kind: EventKind, isAnnotated: boolean): number =>
  isAnnotated ? WIRE_VERSIONS[kind].annotated : WIRE_VERSIONS[kind].plain;

export const encodeClick = (click: Click): Buffer => encodeEvent('click', click, NO_ANNOTATIONS);

export function encodeEvent(kind: EventKind, click: Click, annotations: Annotations): Buffer {
  const texts = [click.event_id, click.ad_id, click.user_id, click.ip, click.country];
  let size = 1 + 8 + annotationsSize(annotations);
  for (const text of texts) size += 1 + Buffer.byteLength(text);
  const out = Buffer.allocUnsafe(size);
  out[0] = versionOf(kind, annotations.size > 0);
  let at = writeText(out, 1, click.event_id);
  at = writeText(out, at, click.ad_id);
  at = out.writeBigInt64LE(BigInt(click.click_timestamp), at);
  at = writeText(out, at, click.user_id);
  at = writeText(out, at, click.ip);
  at = writeText(out, at, click.country);
  if (annotations.size > 0) writeAnnotations(out, at, annotations);
  return out;
}

function writeText(out: Buffer, at: number, text: string): number {
  const length = out.write(text, at + 1, 'utf8');
  out[at] = length;
  return at + 1 + length;
}

/** Maximum size of a value. */
export const MAX_VALUE_BYTES = 1 + 8 + 5 * (1 + MAX_FIELD_BYTES) + MAX_ANNOTATIONS_SIZE;

/**
 * Encodes the same value from an event held as byte ranges.
 * @param isAnnotated false: without its annotations
 * @param eventBytes buffer of the event id; everything else is in `bytes`
 * @returns the length of the value
 */
export function encodeLineBytes(
  out: Buffer,
  bytes: Uint8Array,
  line: LineBytes,
  isAnnotated: boolean,
  eventBytes: Uint8Array,
  eventId: Field,
): number {
  const withAnnotations = isAnnotated && line.annotations.count > 0;
  out[0] = versionOf(line.kind, withAnnotations);
  let at = copyText(out, 1, eventBytes, eventId);
  at = copyText(out, at, bytes, line.ad_id);
  at = writeInt64(out, at, line.click_timestamp);
  at = copyText(out, at, bytes, line.user_id);
  at = copyText(out, at, bytes, line.ip);
  at = copyText(out, at, bytes, line.country);
  return withAnnotations ? copyAnnotations(out, at, bytes, line.annotations) : at;
}

function copyText(out: Uint8Array, at: number, bytes: Uint8Array, field: Field): number {
  out[at] = field.end - field.start;
  return copyField(out, at + 1, bytes, field);
}

/** Finds the byte ranges of event id and ad id in a value. */
export function findIds(value: Uint8Array, eventId: Field, adId: Field): void {
  eventId.start = 2;
  eventId.end = 2 + (value[1] as number);
  adId.start = eventId.end + 1;
  adId.end = adId.start + (value[eventId.end] as number);
}

/**
 * The identity bytes (equal exactly for duplicates of one event) of the value that begins at `start`.
 * @param end where they end: before the annotations, if it has any
 */
export const identityOf = (bytes: Buffer, start = 0, end = bytes.length): Buffer => bytes.subarray(start + 1, end);

/** What follows the identity in the value that ends at `end`: its annotations in RowBinary; null without any. */
export const annotationsBehind = (bytes: Buffer, identityEnd: number, end = bytes.length): Buffer | null =>
  identityEnd === end ? null : bytes.subarray(identityEnd, end);

/** A topic-partition such as `clicks-3` in RowBinary; at most 127 bytes. */
export function encodePlace(topicPartition: string): Buffer {
  const place = Buffer.from(` ${topicPartition}`);
  place[0] = place.length - 1;
  return place;
}

/** The columns of a row, in the order of its bytes. */
export const ROW_COLUMNS =
  'event_id, ad_id, click_timestamp, user_id, ip, country, arrived_at, topic_partition, topic_offset, annotations';

/** A buffer of concatenated rows of ads.clicks in RowBinary. */
export class EncodedRows {
  count = 0;
  #buffer: Buffer;
  #end = 0;

  /** @param bytes expected size, if known; the buffer grows beyond it when needed */
  constructor(bytes = 0) {
    this.#buffer = Buffer.allocUnsafe(bytes);
  }

  /**
   * The identity bytes are a row's first columns; arrival, topic-partition, offset and annotations follow.
   * @param annotations as a message has them behind its identity; null: it has none
   */
  add(identity: Buffer, arrivedMs: number, place: Buffer, offset: number, annotations: Buffer | null): void {
    const size = encodedBytes(identity.length, place) + (annotations === null ? 0 : annotations.length - 1);
    if (this.#end + size > this.#buffer.length) this.#grow(size);
    const buffer = this.#buffer;
    let at = this.#end;
    at += identity.copy(buffer, at);
    at = writeInt64(buffer, at, arrivedMs);
    at += place.copy(buffer, at);
    at = writeInt64(buffer, at, offset);
    if (annotations === null) buffer[at++] = NO_PAIRS;
    else at += annotations.copy(buffer, at);
    this.#end = at;
    this.count += 1;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#end);
  }

  #grow(size: number): void {
    const larger = Buffer.allocUnsafe(Math.max(FIRST_BYTES, 2 * (this.#end + size)));
    this.#buffer.copy(larger, 0, 0, this.#end);
    this.#buffer = larger;
  }
}

/** Size in bytes of one encoded row without annotations, given the length of its identity. */
export const encodedBytes = (identityBytes: number, place: Buffer): number => identityBytes + 8 + place.length + 8 + 1;

/** An empty map in RowBinary: the number of its pairs. */
const NO_PAIRS = 0;
const FIRST_BYTES = 64 * 1024;
const TWO_TO_32 = 2 ** 32;

/** @param number a non-negative integer */
function writeInt64(buffer: Buffer, at: number, number: number): number {
  buffer.writeUInt32LE(number % TWO_TO_32, at);
  return buffer.writeUInt32LE(Math.floor(number / TWO_TO_32), at + 4);
}

/** Exact for values up to 2^53. */
export const readInt64 = (buffer: Buffer, at: number): number =>
  buffer.readInt32LE(at + 4) * TWO_TO_32 + buffer.readUInt32LE(at);
