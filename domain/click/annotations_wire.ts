import type { Field } from '../address/field.ts';
import { type AnnotationBytes, annotationAt } from './annotation_bytes.ts';
import {
  ANNOTATIONS,
  type AnnotationName,
  type Annotations,
  isAnnotation,
  MAX_ANNOTATION_BYTES,
} from './annotations.ts';
import { copyField, isPrintable } from './click_bytes.ts';
import { hasControlCharacter } from './text.ts';

/**
 * Annotations as ClickHouse's RowBinary has a Map(String, String): how many, then each name and value behind its length.
 * Numbers are LEB128, in their shortest form: names and how many there are take one byte, lengths of values up to two.
 */
const namesSize = ANNOTATIONS.reduce((sum, name) => sum + 1 + name.length, 0);
export const MAX_ANNOTATIONS_SIZE = 1 + namesSize + 2 * ANNOTATIONS.length + MAX_ANNOTATION_BYTES;

const [SEVEN_BITS, MORE] = [0x7f, 0x80];

/** Size in bytes, 0 without any: then nothing is written. */
export function annotationsSize(annotations: Annotations): number {
  if (annotations.size === 0) return 0;
  let size = 1;
  for (const [name, value] of annotations) {
    const length = Buffer.byteLength(value);
    size += 1 + name.length + (length > SEVEN_BITS ? 2 : 1) + length;
  }
  return size;
}

/** Writes at least one at `start`; returns the position after them. */
export function writeAnnotations(out: Buffer, start: number, annotations: Annotations): number {
  let at = start;
  out[at++] = annotations.size;
  for (const [name, value] of annotations) {
    out[at++] = name.length;
    at += out.write(name, at, 'latin1');
    at = writeLength(out, at, Buffer.byteLength(value));
    at += out.write(value, at, 'utf8');
  }
  return at;
}

/** At least one, alone. */
export function encodeAnnotations(annotations: Annotations): Buffer {
  const out = Buffer.allocUnsafe(annotationsSize(annotations));
  writeAnnotations(out, 0, annotations);
  return out;
}

/** The same from byte ranges. */
export function copyAnnotations(
  out: Uint8Array,
  start: number,
  bytes: Uint8Array,
  annotations: AnnotationBytes,
): number {
  let at = start;
  out[at++] = annotations.count;
  for (let i = 0; i < annotations.count; i++) {
    const name = annotations.names[i] as Field;
    const value = annotations.values[i] as Field;
    out[at++] = name.end - name.start;
    at = copyField(out, at, bytes, name);
    at = writeLength(out, at, value.end - value.start);
    at = copyField(out, at, bytes, value);
  }
  return at;
}

/**
 * Stands between names and values where annotations are one column of a text line: no name or value has a control
 * character, so nothing is quoted.
 */
const SEPARATOR = '\x1f';
const SEPARATOR_BYTE = SEPARATOR.charCodeAt(0);

/** `name`, `value`, `name`, … as one column. It is no longer than they are as RowBinary. */
export const annotationsColumn = (annotations: Annotations): string => [...annotations].flat().join(SEPARATOR);

/**
 * The same at `to`, from annotations as RowBinary that begin at `start`.
 * @returns the position after them
 */
export function copyAnnotationsColumn(out: Uint8Array, to: number, bytes: Uint8Array, start: number): number {
  let at = start;
  let end = to;
  for (let texts = 2 * (bytes[at++] as number); texts > 0; texts--) {
    let length = bytes[at++] as number;
    if (length > SEVEN_BITS) length = (length & SEVEN_BITS) | ((bytes[at++] as number) << 7);
    for (const textEnd = at + length; at < textEnd; at++) out[end++] = bytes[at] as number;
    if (texts > 1) out[end++] = SEPARATOR_BYTE;
  }
  return end;
}

function writeLength(out: Uint8Array, at: number, length: number): number {
  if (length <= SEVEN_BITS) {
    out[at] = length;
    return at + 1;
  }
  out[at] = (length & SEVEN_BITS) | MORE;
  out[at + 1] = length >> 7;
  return at + 2;
}

/** Whether `[start, end)` is what could have been written, with values in printable ASCII. */
export const areAnnotations = (bytes: Uint8Array, start: number, end: number): boolean =>
  scan(bytes, start, end, arePrintable);

function arePrintable(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (!isPrintable(bytes[at] as number)) return false;
  return true;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The annotations from `start` to the end of a message's value; null if they are malformed. */
export function readAnnotations(value: Buffer, start: number): Annotations | null {
  const annotations = new Map<AnnotationName, string>();
  const isWell = scan(value, start, value.length, (_, from, to, nameStart, nameEnd) => {
    const name = value.toString('latin1', nameStart, nameEnd);
    const text = decoded(value.subarray(from, to));
    if (text === null || hasControlCharacter(text) || !isAnnotation(name)) return false;
    annotations.set(name, text);
    return true;
  });
  return isWell ? annotations : null;
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

type Check = (bytes: Uint8Array, valueStart: number, valueEnd: number, nameStart: number, nameEnd: number) => boolean;

/** Known names, each once, values of no more than they may have together and each as `check` wants it, and no more. */
function scan(bytes: Uint8Array, start: number, end: number, check: Check): boolean {
  let at = start;
  const count = at < end ? (bytes[at++] as number) : 0;
  if (count === 0 || count > ANNOTATIONS.length) return false;
  let met = 0;
  let total = 0;
  for (let i = 0; i < count; i++) {
    const nameStart = at + 1;
    const nameEnd = nameStart + (bytes[at] as number);
    // There is no name, however long, at the end of a message.
    if (at >= end || nameEnd >= end) return false;
    const bit = 1 << annotationAt(bytes, nameStart, nameEnd);
    // An unknown name has the index -1, which shifts to the sign.
    if (bit < 0 || (met & bit) !== 0) return false;
    met |= bit;
    at = nameEnd;
    let length = bytes[at++] as number;
    if (length > SEVEN_BITS) {
      const high = at < end ? (bytes[at++] as number) : 0;
      if (high === 0 || high > SEVEN_BITS) return false;
      length = (length & SEVEN_BITS) | (high << 7);
    }
    total += length;
    const valueEnd = at + length;
    if (total > MAX_ANNOTATION_BYTES || valueEnd > end || !check(bytes, at, valueEnd, nameStart, nameEnd)) return false;
    at = valueEnd;
  }
  return at === end;
}
