import { isCanonicalAddress } from '../address/bytes.ts';
import { EVENT_KINDS } from '../event_kinds.ts';
import { DAY_MS, YEAR_2000_MS } from '../time.ts';
import { ANNOTATIONS } from './annotations.ts';
import { closingQuote, isCountry, LineBytes, noField, skipSpaces, trimField } from './click_bytes.ts';
import { FastTime } from './fast_time.ts';
import { epochMsAt, isNull, numberEnd } from './json_bytes.ts';
import { NameTable } from './name_table.ts';

/** Longer lines take the slow path. */
const MAX_BYTES = 2_048;

const [LINE_END, QUOTE, COMMA, COLON, OPEN, CLOSE] = [10, 34, 44, 58, 123, 125];

const FIELDS = ['event', 'ad_id', 'time', 'user_id', 'ip', 'country', 'id'];
const [EVENT, TIME, ID] = [0, 2, 6];
/** A bit for each field but the id. */
const REQUIRED = (1 << ID) - 1;
const names = new NameTable([...FIELDS, ...ANNOTATIONS]);
const VALUE = FIELDS.length + ANNOTATIONS.indexOf('value');
const kinds = new NameTable(EVENT_KINDS);

/**
 * Fast path: like FastLineParser for JSON lines. It accepts those in printable ASCII without escapes, whose names are
 * known and stand once, whose fields are as the fast path has them in text lines, and of which nothing is left out.
 */
export class FastJsonParser extends LineBytes {
  readonly #clock = new FastTime();
  readonly #trimmed = noField();
  /** In the order of FIELDS; event and time are read at once. */
  readonly #fields = [this.#trimmed, this.ad_id, this.#trimmed, this.user_id, this.ip, this.country, this.event_id];

  /**
   * Reads the line that begins at `start`. Without an event id in the line, that field is empty.
   * @returns where the next line begins, or -1 if the line needs the slow path or is incomplete
   */
  read(bytes: Uint8Array, start: number, nowMs: number): number {
    if (bytes[start] !== OPEN) return -1;
    this.annotations.clear();
    this.event_id.start = this.event_id.end = start;
    const end = this.#readFields(bytes, start + 1, Math.min(bytes.length, start + MAX_BYTES));
    if (end < 0) return -1;
    if (this.click_timestamp < YEAR_2000_MS || this.click_timestamp > nowMs + DAY_MS) return -1;
    return isCanonicalAddress(bytes, this.ip) && isCountry(bytes, this.country) ? end + 1 : -1;
  }

  /** Position of the line's end, or -1. */
  #readFields(bytes: Uint8Array, start: number, limit: number): number {
    let met = 0;
    for (let at = start; at < limit; at++) {
      const nameStart = skipSpaces(bytes, at) + 1;
      if (bytes[nameStart - 1] !== QUOTE) return -1;
      const nameEnd = closingQuote(bytes, nameStart, limit);
      const index = names.find(bytes, nameStart, nameEnd);
      if (index < 0 || (met & (1 << index)) !== 0) return -1;
      met |= 1 << index;
      const colon = skipSpaces(bytes, nameEnd + 1);
      if (bytes[colon] !== COLON) return -1;
      const valueEnd = this.#readValue(bytes, index, nameStart, nameEnd, skipSpaces(bytes, colon + 1), limit);
      if (valueEnd < 0) return -1;
      at = skipSpaces(bytes, valueEnd);
      if (bytes[at] === COMMA) continue;
      if (bytes[at] !== CLOSE || (met & REQUIRED) !== REQUIRED) return -1;
      const end = skipSpaces(bytes, at + 1);
      return bytes[end] === LINE_END ? end : -1;
    }
    return -1;
  }

  /** Position behind the value that begins at `start`, or -1. */
  #readValue(
    bytes: Uint8Array,
    index: number,
    nameStart: number,
    nameEnd: number,
    start: number,
    limit: number,
  ): number {
    if (bytes[start] === QUOTE) {
      const end = closingQuote(bytes, start + 1, limit);
      if (end < 0 || !this.#take(bytes, index, nameStart, nameEnd, start + 1, end)) return -1;
      return end + 1;
    }
    if (index === ID) return isNull(bytes, start) ? start + 4 : -1;
    if (index !== TIME && index !== VALUE) return -1;
    const end = numberEnd(bytes, start);
    if (end < 0) return -1;
    if (index === VALUE) return this.#annotate(bytes, index, nameStart, nameEnd, start, end) ? end : -1;
    this.click_timestamp = epochMsAt(bytes, start, end);
    return this.click_timestamp < 0 ? -1 : end;
  }

  /** Takes a text in `[start, end)`. False if it needs the slow path. */
  #take(bytes: Uint8Array, index: number, nameStart: number, nameEnd: number, start: number, end: number): boolean {
    const field = this.#fields[index];
    if (field === undefined) return this.#annotate(bytes, index, nameStart, nameEnd, start, end);
    if (!trimField(bytes, field, start, end)) return index === ID && field.start === field.end;
    if (index === EVENT) {
      const kind = EVENT_KINDS[kinds.find(bytes, field.start, field.end)];
      if (kind !== undefined) this.kind = kind;
      return kind !== undefined;
    }
    if (index !== TIME) return true;
    const isTime = this.#clock.read(bytes, field.start, field.end);
    this.click_timestamp = this.#clock.ms;
    return isTime;
  }

  #annotate(bytes: Uint8Array, index: number, nameStart: number, nameEnd: number, start: number, end: number): boolean {
    return this.annotations.add(bytes, index - FIELDS.length, nameStart, nameEnd, start, end);
  }
}
