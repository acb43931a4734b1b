import type { Field } from '../domain/address/field.ts';
import { MAX_FIELD_BYTES } from '../domain/click/click.ts';
import { isPrintable, writeDigits } from '../domain/click/click_bytes.ts';
import { placeId } from './batch.ts';

const LONGEST = String(Number.MAX_SAFE_INTEGER).length;

/** `placeId` in bytes, for the lines of one file. */
export class PlaceBytes {
  /** Whether positions are valid event ids for the fast path: short enough, in printable ASCII. */
  readonly isFastPathId: boolean;
  readonly bytes: Uint8Array;
  readonly #prefixEnd: number;
  readonly #field: Field = { start: 0, end: 0 };

  constructor(host: string, generation: string) {
    const prefix = Buffer.from(placeId(host, generation, 0).slice(0, -1));
    this.#prefixEnd = prefix.length;
    this.isFastPathId = prefix.length + LONGEST <= MAX_FIELD_BYTES && prefix.every(isPrintable);
    this.bytes = new Uint8Array(prefix.length + LONGEST);
    this.bytes.set(prefix);
  }

  /** Byte range in `bytes` of the id of the line at `offset`; valid until the next call. */
  at(offset: number): Field {
    this.#field.end = writeDigits(this.bytes, this.#prefixEnd, offset);
    return this.#field;
  }
}
