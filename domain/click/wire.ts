import type { Field } from '../address/field.ts';
import { type Click, faultOf, MAX_FIELD_BYTES, type RejectReason } from './click.ts';
import { type ClickBytes, copyField } from './click_bytes.ts';

/**
 * The value of a message on `clicks`: one version byte, then the fields in ClickHouse's RowBinary (length byte and
 * UTF-8 for text, Int64 for the time). The bytes after the version byte are the click's identity; the sink passes them
 * to ClickHouse unchanged, without parsing them into objects and back.
 */
export const WIRE_VERSION = 1;

export function encodeClick(click: Click): Buffer {
  const texts = [click.event_id, click.ad_id, click.user_id, click.ip, click.country];
  let size = 1 + 8;
  for (const text of texts) size += 1 + Buffer.byteLength(text);
  const out = Buffer.allocUnsafe(size);
  out[0] = WIRE_VERSION;
  let at = writeText(out, 1, click.event_id);
  at = writeText(out, at, click.ad_id);
  at = out.writeBigInt64LE(BigInt(click.click_timestamp), at);
  at = writeText(out, at, click.user_id);
  at = writeText(out, at, click.ip);
  writeText(out, at, click.country);
  return out;
}

function writeText(out: Buffer, at: number, text: string): number {
  const length = out.write(text, at + 1, 'utf8');
  out[at] = length;
  return at + 1 + length;
}

/** Maximum size of a click's value. */
export const MAX_VALUE_BYTES = 1 + 8 + 5 * (1 + MAX_FIELD_BYTES);

/**
 * Encodes the same value from a click held as byte ranges.
 * @param eventBytes buffer of the event id; the other fields are in `bytes`
 * @returns the length of the value
 */
export function encodeClickBytes(
  out: Buffer,
  bytes: Uint8Array,
  click: ClickBytes,
  eventBytes: Uint8Array,
  eventId: Field,
): number {
  out[0] = WIRE_VERSION;
  let at = copyText(out, 1, eventBytes, eventId);
  at = copyText(out, at, bytes, click.ad_id);
  at = writeInt64(out, at, click.click_timestamp);
  at = copyText(out, at, bytes, click.user_id);
  at = copyText(out, at, bytes, click.ip);
  return copyText(out, at, bytes, click.country);
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

/** The identity bytes (equal exactly for duplicates of one click) of the value in `[start, end)`. */
export const identityOf = (bytes: Buffer, start = 0, end = bytes.length): Buffer => bytes.subarray(start + 1, end);

/** A topic-partition such as `clicks-3` in RowBinary; at most 127 bytes. */
export function encodePlace(topicPartition: string): Buffer {
  const place = Buffer.from(` ${topicPartition}`);
  place[0] = place.length - 1;
  return place;
}

/** A buffer of concatenated rows of ads.clicks in RowBinary. */
export class EncodedRows {
  count = 0;
  #buffer: Buffer;
  #end = 0;

  /** @param bytes expected size, if known; the buffer grows beyond it when needed */
  constructor(bytes = 0) {
    this.#buffer = Buffer.allocUnsafe(bytes);
  }

  /** The identity bytes are a row's first columns; arrival, topic-partition and offset follow. */
  add(identity: Buffer, arrivedMs: number, place: Buffer, offset: number): void {
    const size = encodedBytes(identity.length, place);
    if (this.#end + size > this.#buffer.length) this.#grow(size);
    const buffer = this.#buffer;
    let at = this.#end;
    at += identity.copy(buffer, at);
    at = writeInt64(buffer, at, arrivedMs);
    at += place.copy(buffer, at);
    this.#end = writeInt64(buffer, at, offset);
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

/** Size in bytes of one encoded row, given the length of its identity. */
export const encodedBytes = (identityBytes: number, place: Buffer): number => identityBytes + 8 + place.length + 8;

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

type Decoded = { ok: true; click: Click } | { ok: false; reason: RejectReason };

const BAD: Decoded = { ok: false, reason: 'bad_message' };
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Anyone may write to a topic, so a message is validated like a log line.
 * @param arrivedMs the broker's append time: "more than a day in the future" is judged by it, so the result is the same
 *   on every read
 */
export function decodeClick(value: Buffer | null, arrivedMs: number): Decoded {
  if (value === null || value.length === 0 || value[0] !== WIRE_VERSION) return BAD;
  // Decoded once: a native call for each field would take longer than all the checks.
  const latin1 = value.toString('latin1');
  let at = 1;
  const text = (): string | null => {
    const length = value[at];
    if (length === undefined || length > 127 || at + 1 + length > value.length) return null;
    const start = at + 1;
    at = start + length;
    return readUtf8(value, latin1, start, at);
  };
  const event_id = text();
  const ad_id = text();
  if (event_id === null || ad_id === null || at + 8 > value.length) return BAD;
  const click_timestamp = readInt64(value, at);
  at += 8;
  const user_id = text();
  const ip = text();
  const country = text();
  if (user_id === null || ip === null || country === null || at !== value.length) return BAD;
  const click = { event_id, ad_id, click_timestamp, user_id, ip, country };
  const reason = faultOf(click, arrivedMs);
  return reason === null ? { ok: true, click } : { ok: false, reason };
}

function readUtf8(value: Buffer, latin1: string, start: number, end: number): string | null {
  for (let i = start; i < end; i++) {
    if ((value[i] as number) > 127) {
      try {
        return utf8.decode(value.subarray(start, end));
      } catch {
        return null;
      }
    }
  }
  return latin1.substring(start, end);
}
