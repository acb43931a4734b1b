import type { Field } from '../address/field.ts';
import type { EventKind } from '../event_kinds.ts';
import { AnnotationBytes } from './annotation_bytes.ts';
import { MAX_FIELD_BYTES } from './text.ts';

export const noField = (): Field => ({ start: 0, end: 0 });

/** An event whose fields are byte ranges of a buffer (a log line or a message), not decoded to strings. */
export class ClickBytes {
  readonly event_id = noField();
  readonly ad_id = noField();
  readonly user_id = noField();
  readonly ip = noField();
  readonly country = noField();
  click_timestamp = 0;
}

/** An event of a log line. Without an id in the line, `event_id` is empty. */
export class LineBytes extends ClickBytes {
  kind: EventKind = 'click';
  readonly annotations = new AnnotationBytes();
}

const [SPACE, QUOTE, DIGIT_0, UPPER_A, UPPER_Z, BACKSLASH, TILDE] = [32, 34, 48, 65, 90, 92, 126];

export const isPrintable = (byte: number): boolean => byte >= SPACE && byte <= TILDE;

export function skipSpaces(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === SPACE) at++;
  return at;
}

/** Makes `field` what lies in `[from, to)` without the spaces around it. False for what no valid field may be. */
export function trimField(bytes: Uint8Array, field: Field, from: number, to: number): boolean {
  let start = from;
  let end = to;
  while (start < end && bytes[start] === SPACE) start++;
  while (start < end && bytes[end - 1] === SPACE) end--;
  field.start = start;
  field.end = end;
  return end > start && end - start <= MAX_FIELD_BYTES;
}

/** The closing quote of printable ASCII without a backslash that begins at `from`; -1 of anything else. */
export function closingQuote(bytes: Uint8Array, from: number, limit: number): number {
  for (let at = from; at < limit; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH || !isPrintable(byte)) return -1;
  }
  return -1;
}

/** Two or three capital letters. */
export function isCountry(bytes: Uint8Array, { start, end }: Field): boolean {
  if (end - start !== 2 && end - start !== 3) return false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte < UPPER_A || byte > UPPER_Z) return false;
  }
  return true;
}

/** Copies a field to `at`; returns the position after it. A loop, because for so few bytes a call would cost more. */
export function copyField(out: Uint8Array, at: number, bytes: Uint8Array, { start, end }: Field): number {
  let to = at;
  for (let from = start; from < end; from++) out[to++] = bytes[from] as number;
  return to;
}

/**
 * Writes a number's digits at `at`; returns the position after them.
 * @param number a non-negative integer
 */
export function writeDigits(out: Uint8Array, at: number, number: number): number {
  let end = at + 1;
  for (let rest = number; rest >= 10; rest = Math.floor(rest / 10)) end++;
  let rest = number;
  for (let to = end - 1; to >= at; to--) {
    const tenth = Math.floor(rest / 10);
    out[to] = DIGIT_0 + rest - tenth * 10;
    rest = tenth;
  }
  return end;
}
