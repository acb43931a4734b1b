import type { Field } from '../address/field.ts';

const noField = (): Field => ({ start: 0, end: 0 });

/** A click whose fields are byte ranges of a buffer (a log line or a message), not decoded to strings. */
export class ClickBytes {
  readonly event_id = noField();
  readonly ad_id = noField();
  readonly user_id = noField();
  readonly ip = noField();
  readonly country = noField();
  click_timestamp = 0;
}

const [SPACE, DIGIT_0, UPPER_A, UPPER_Z, TILDE] = [32, 48, 65, 90, 126];

export const isPrintable = (byte: number): boolean => byte >= SPACE && byte <= TILDE;

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
