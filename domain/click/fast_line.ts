import { isCanonicalAddress } from '../address/bytes.ts';
import type { Field } from '../address/field.ts';
import { DAY_MS, YEAR_2000_MS } from '../time.ts';
import { MAX_FIELD_BYTES } from './click.ts';
import { ClickBytes, isCountry, isPrintable } from './click_bytes.ts';

const PREFIX = Buffer.from('[AdClickEvent]');
/** Longer lines take the slow path. */
const MAX_BYTES = 1_024;
const WHOLE_SECOND = 'YYYY-MM-DD hh:mm:ss'.length;
const MILLISECOND = 'YYYY-MM-DD hh:mm:ss.mmm'.length;

const [LINE_END, SPACE, COMMA, DASH, DOT, DIGIT_0, COLON, UPPER_T, UPPER_Z] = [10, 32, 44, 45, 46, 48, 58, 84, 90];

/**
 * Fast path: finds the fields of a line as byte ranges, without creating strings. It accepts nearly all lines in
 * practice (printable ASCII, times in UTC, addresses in canonical spelling) and gives the same result as `parseLine`
 * for them; all others are left to the slow path.
 */
export class FastLineParser extends ClickBytes {
  readonly #time: Field = { start: 0, end: 0 };
  readonly #fields = [this.ad_id, this.#time, this.user_id, this.ip, this.country, this.event_id];
  /** The day of the previous line, like 20210131, and its start (epoch ms). */
  #day = 0;
  #dayMs = 0;

  /**
   * Reads the line that begins at `start`. Without an event id in the line, that field is empty.
   * @returns where the next line begins, or -1 if the line needs the slow path or is incomplete
   */
  read(bytes: Uint8Array, start: number, nowMs: number): number {
    for (let i = 0; i < PREFIX.length; i++) if (bytes[start + i] !== PREFIX[i]) return -1;
    const end = this.#split(bytes, start + PREFIX.length, Math.min(bytes.length, start + MAX_BYTES));
    if (end < 0 || !this.#readTime(bytes)) return -1;
    if (this.click_timestamp < YEAR_2000_MS || this.click_timestamp > nowMs + DAY_MS) return -1;
    return isCanonicalAddress(bytes, this.ip) && isCountry(bytes, this.country) ? end + 1 : -1;
  }

  /** Position of the line's end, or -1. */
  #split(bytes: Uint8Array, start: number, limit: number): number {
    let fields = 0;
    let from = start;
    for (let at = start; at < limit; at++) {
      const byte = bytes[at] as number;
      if (byte === COMMA || byte === LINE_END) {
        const field = this.#fields[fields++];
        if (field === undefined || !trim(bytes, field, from, at)) return -1;
        from = at + 1;
        if (byte === LINE_END) {
          if (fields === 5) this.event_id.start = this.event_id.end = at;
          return fields >= 5 ? at : -1;
        }
      } else if (!isPrintable(byte)) return -1;
    }
    return -1;
  }

  /** `YYYY-MM-DD hh:mm:ss`, or with `T` and `Z`; milliseconds are optional. */
  #readTime(bytes: Uint8Array): boolean {
    const { start: at } = this.#time;
    const hasZone = bytes[at + 10] === UPPER_T;
    if (hasZone ? bytes[this.#time.end - 1] !== UPPER_Z : bytes[at + 10] !== SPACE) return false;
    const length = this.#time.end - at - (hasZone ? 1 : 0);
    if (length !== WHOLE_SECOND && length !== MILLISECOND) return false;
    const isShaped =
      bytes[at + 4] === DASH && bytes[at + 7] === DASH && bytes[at + 13] === COLON && bytes[at + 16] === COLON;
    if (!isShaped) return false;
    const century = twoDigits(bytes, at) * 1_000_000;
    const day = century + twoDigits(bytes, at + 2) * 10_000 + twoDigits(bytes, at + 5) * 100 + twoDigits(bytes, at + 8);
    if (day !== this.#day && !this.#beginDay(day)) return false;
    const hour = twoDigits(bytes, at + 11);
    const minute = twoDigits(bytes, at + 14);
    const second = twoDigits(bytes, at + 17);
    const millisecond = length === MILLISECOND ? fraction(bytes, at + WHOLE_SECOND) : 0;
    // Non-digits give NaN, for which every comparison is false.
    if (!(hour <= 23 && minute <= 59 && second <= 59 && millisecond <= 999)) return false;
    this.click_timestamp = this.#dayMs + ((hour * 60 + minute) * 60 + second) * 1_000 + millisecond;
    return true;
  }

  /** False if it is not a valid day. */
  #beginDay(number: number): boolean {
    const year = Math.floor(number / 10_000);
    const month = Math.floor(number / 100) % 100;
    const day = number % 100;
    const date = new Date(Date.UTC(year, month - 1, day));
    // Date.UTC turns 30 February into a day of March.
    if (!(year >= 2000 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day)) return false;
    this.#day = number;
    this.#dayMs = date.getTime();
    return true;
  }
}

/** False for a field that no valid click may have. */
function trim(bytes: Uint8Array, field: Field, from: number, to: number): boolean {
  let start = from;
  let end = to;
  while (start < end && bytes[start] === SPACE) start++;
  while (start < end && bytes[end - 1] === SPACE) end--;
  field.start = start;
  field.end = end;
  return end > start && end - start <= MAX_FIELD_BYTES;
}

const digitAt = (bytes: Uint8Array, at: number): number => {
  const digit = (bytes[at] as number) - DIGIT_0;
  return digit >= 0 && digit <= 9 ? digit : Number.NaN;
};
const twoDigits = (bytes: Uint8Array, at: number): number => digitAt(bytes, at) * 10 + digitAt(bytes, at + 1);
const fraction = (bytes: Uint8Array, at: number): number =>
  bytes[at] === DOT ? digitAt(bytes, at + 1) * 100 + twoDigits(bytes, at + 2) : Number.NaN;
