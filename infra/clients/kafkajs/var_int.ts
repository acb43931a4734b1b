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
