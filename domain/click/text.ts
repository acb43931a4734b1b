const [DELETE, SPACE] = [0x7f, 0x20];

/** Each text field's length fits into one byte on the wire (see wire.ts), which keeps the encoding trivial. */
export const MAX_FIELD_BYTES = 127;

/** Valid text field: not empty, not too long, no control characters. */
export function isToken(text: string): boolean {
  const { length } = text;
  let isAscii = true;
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code < SPACE || code === DELETE) return false;
    if (code > DELETE) isAscii = false;
  }
  return length > 0 && (isAscii ? length : Buffer.byteLength(text)) <= MAX_FIELD_BYTES;
}

export function hasControlCharacter(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < SPACE || code === DELETE) return true;
  }
  return false;
}

/** Half of a surrogate pair, which has no bytes in UTF-8. Only a JSON escape can write one. */
export const hasLoneSurrogate = (text: string): boolean => /\p{Surrogate}/u.test(text);
