import { isCanonicalAddress } from '../address/bytes.ts';
import { DAY_MS, YEAR_2000_MS } from '../time.ts';
import { annotationAt } from './annotation_bytes.ts';
import { closingQuote, isCountry, isPrintable, LineBytes, noField, skipSpaces, trimField } from './click_bytes.ts';
import { FastTime } from './fast_time.ts';
import { isClickLine, otherKindOfLine, PREFIXES } from './line_prefix.ts';

/** Longer lines take the slow path. */
const MAX_BYTES = 2_048;

const [LINE_END, QUOTE, COMMA, EQUALS] = [10, 34, 44, 61];

/**
 * Fast path: finds the fields of a text line as byte ranges, without creating strings. It accepts nearly all lines in
 * practice (printable ASCII, times in UTC, addresses in canonical spelling, annotations without escapes of which none is
 * left out) and gives the same result as `parseLine` for them; all others are left to the slow path.
 */
export class FastLineParser extends LineBytes {
  readonly #clock = new FastTime();
  readonly #time = noField();
  readonly #fields = [this.ad_id, this.#time, this.user_id, this.ip, this.country, this.event_id];

  /**
   * Reads the line that begins at `start`. Without an event id in the line, that field is empty.
   * @returns where the next line begins, or -1 if the line needs the slow path or is incomplete
   */
  read(bytes: Uint8Array, start: number, nowMs: number): number {
    const kind = isClickLine(bytes, start) ? 'click' : otherKindOfLine(bytes, start);
    if (kind === null) return -1;
    this.kind = kind;
    this.annotations.count = 0;
    const end = this.#split(bytes, start + PREFIXES[kind].length, Math.min(bytes.length, start + MAX_BYTES));
    if (end < 0 || !this.#clock.read(bytes, this.#time.start, this.#time.end)) return -1;
    this.click_timestamp = this.#clock.ms;
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
        if (field === undefined) return -1;
        // Only the event id may be empty.
        if (!trimField(bytes, field, from, at) && !(fields === 6 && field.start === field.end)) return -1;
        from = at + 1;
        if (byte === LINE_END) {
          if (fields === 5) this.event_id.start = this.event_id.end = at;
          return fields >= 5 ? at : -1;
        }
        if (fields === 6) return this.#annotate(bytes, from, limit);
      } else if (!isPrintable(byte)) return -1;
    }
    return -1;
  }

  /** Position of the line's end behind the annotations that begin at `start`, or -1. */
  #annotate(bytes: Uint8Array, start: number, limit: number): number {
    this.annotations.clear();
    for (let at = start; at < limit; at++) {
      const nameStart = skipSpaces(bytes, at);
      let nameEnd = nameStart;
      while (nameEnd < limit && bytes[nameEnd] !== EQUALS) nameEnd++;
      const index = annotationAt(bytes, nameStart, nameEnd);
      if (index < 0 || bytes[nameEnd + 1] !== QUOTE) return -1;
      const valueEnd = closingQuote(bytes, nameEnd + 2, limit);
      if (valueEnd < 0) return -1;
      if (!this.annotations.add(bytes, index, nameStart, nameEnd, nameEnd + 2, valueEnd)) return -1;
      at = skipSpaces(bytes, valueEnd + 1);
      if (bytes[at] === LINE_END) return at;
      if (bytes[at] !== COMMA) return -1;
    }
    return -1;
  }
}
