import type { Field } from '../../../../domain/address/field.ts';
import { varIntSize, writeVarInt } from './var_int.ts';

export type Text = Buffer | string | null | undefined;

const FIRST_BYTES = 8 * 1024;
const MOST_OF_A_NUMBER = 5;

/**
 * Messages of one partition in the bytes that Kafka stores (records of a record batch of version 2), one behind the
 * other: without headers, all with the time of their batch. `sendBatch` takes one in the place of that many messages.
 */
export class Records {
  readonly partition: number;
  /** How many. */
  length = 0;
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #end = 0;

  constructor(partition: number) {
    this.partition = partition;
  }

  /** Key and value are copied from where they stand; null is none. */
  add(keyBytes: Uint8Array | null, key: Field, valueBytes: Uint8Array | null, value: Field): void {
    const keyLength = keyBytes === null ? -1 : key.end - key.start;
    const valueLength = valueBytes === null ? -1 : value.end - value.start;
    const size = 3 + varIntSize(this.length) + sizeOf(keyLength) + sizeOf(valueLength);
    if (this.#end + MOST_OF_A_NUMBER + size > this.#bytes.length) this.#grow(MOST_OF_A_NUMBER + size);
    const bytes = this.#bytes;
    let at = writeVarInt(bytes, this.#end, size);
    // Attributes, and how long after the first of its batch.
    bytes[at++] = 0;
    bytes[at++] = 0;
    at = writeVarInt(bytes, at, this.length);
    at = writeVarInt(bytes, at, keyLength);
    if (keyBytes !== null) for (let from = key.start; from < key.end; from++) bytes[at++] = keyBytes[from] as number;
    at = writeVarInt(bytes, at, valueLength);
    if (valueBytes !== null)
      for (let from = value.start; from < value.end; from++) bytes[at++] = valueBytes[from] as number;
    // Headers.
    bytes[at++] = 0;
    this.#end = at;
    this.length += 1;
  }

  addMessage(key: Text, value: Text): void {
    const [keyBytes, valueBytes] = [bytesOf(key), bytesOf(value)];
    this.add(keyBytes, wholeOf(keyBytes), valueBytes, wholeOf(valueBytes));
  }

  /** All of them. kafkajs asks it of any message. */
  get value(): Buffer {
    return this.#bytes.subarray(0, this.#end);
  }

  #grow(size: number): void {
    const larger = Buffer.allocUnsafe(2 * (this.#end + size));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}

const sizeOf = (length: number): number => varIntSize(length) + Math.max(0, length);

const bytesOf = (text: Text): Buffer | null => (typeof text === 'string' ? Buffer.from(text) : (text ?? null));
const wholeOf = (bytes: Buffer | null): Field => ({ start: 0, end: bytes?.length ?? 0 });
