import { isCanonicalAddress } from '../address/bytes.ts';
import type { Field } from '../address/field.ts';
import type { EventKind } from '../event_kinds.ts';
import { DAY_MS, YEAR_2000_MS } from '../time.ts';
import { areAnnotations } from './annotations_wire.ts';
import { MAX_FIELD_BYTES } from './click.ts';
import { ClickBytes, isCountry, isPrintable } from './click_bytes.ts';
import { readInt64, WIRE_VERSIONS } from './wire.ts';

/**
 * Fast path: finds the fields of a message as byte ranges. It accepts nearly all messages in practice (printable ASCII,
 * addresses in canonical spelling) and gives the same result as `decodeEvent` for them; all others are left to the slow
 * path.
 */
export class FastClickDecoder extends ClickBytes {
  /** Where the identity ends. Behind it, up to the message's end, are the annotations as RowBinary, if it has any. */
  identityEnd = 0;
  readonly #plain: number;
  readonly #annotated: number;

  /** @param kind of the events on the topic */
  constructor(kind: EventKind) {
    super();
    this.#plain = WIRE_VERSIONS[kind].plain;
    this.#annotated = WIRE_VERSIONS[kind].annotated;
  }

  /** False: the message needs the slow path. */
  read(bytes: Buffer, start: number, end: number, arrivedMs: number): boolean {
    const version = bytes[start];
    if (version !== this.#plain && version !== this.#annotated) return false;
    let at = findText(bytes, start + 1, end, this.event_id);
    at = findText(bytes, at, end, this.ad_id);
    if (at < 0 || at + 8 > end) return false;
    this.click_timestamp = readInt64(bytes, at);
    if (this.click_timestamp < YEAR_2000_MS || this.click_timestamp > arrivedMs + DAY_MS) return false;
    at = findText(bytes, at + 8, end, this.user_id);
    at = findText(bytes, at, end, this.ip);
    at = findText(bytes, at, end, this.country);
    this.identityEnd = at;
    const endsWell = version === this.#plain ? at === end : at > 0 && areAnnotations(bytes, at, end);
    return endsWell && isCanonicalAddress(bytes, this.ip) && isCountry(bytes, this.country);
  }
}

/** One for each kind, reused between messages: use its fields before the next read(). */
export const DECODERS: Readonly<Record<EventKind, FastClickDecoder>> = {
  click: new FastClickDecoder('click'),
  impression: new FastClickDecoder('impression'),
  conversion: new FastClickDecoder('conversion'),
};

/** Start of the next field, or -1. */
function findText(bytes: Uint8Array, at: number, limit: number, field: Field): number {
  if (at < 0 || at >= limit) return -1;
  const length = bytes[at] as number;
  const start = at + 1;
  const end = start + length;
  if (length === 0 || length > MAX_FIELD_BYTES || end > limit) return -1;
  for (let i = start; i < end; i++) if (!isPrintable(bytes[i] as number)) return -1;
  field.start = start;
  field.end = end;
  return end;
}
