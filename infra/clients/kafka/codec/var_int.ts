/** Small numbers are short, whatever their sign. */
const zigZag = (value: number): number => ((value << 1) ^ (value >> 31)) >>> 0;

/** @param value fits 32 bits */
export function varIntSize(value: number): number {
  let size = 1;
  for (let rest = zigZag(value) >>> 7; rest !== 0; rest >>>= 7) size++;
  return size;
}

/** Returns where the next may begin. */
export function writeVarInt(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = zigZag(value);
  for (; rest > 0x7f; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
  bytes[at++] = rest;
  return at;
}

/** Reads such numbers one after the other; exact up to 2^53. */
export class VarInts {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(): number {
    const first = this.#bytes[this.at++] as number;
    if (first < 0x80) return (first >>> 1) ^ -(first & 1);
    let number = first & 0x7f;
    let byte = first;
    for (let weight = 0x80; byte >= 0x80; weight *= 0x80) {
      byte = this.#bytes[this.at++] as number;
      number += (byte & 0x7f) * weight;
    }
    return number % 2 === 0 ? number / 2 : -(number + 1) / 2;
  }
}
