const [MINUS, DOT, DIGIT_0, DIGIT_9] = [45, 46, 48, 57];
/** More might not be exact. */
const MOST_DIGITS = 15;

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= DIGIT_0 && byte <= DIGIT_9;

/** Position behind the JSON number at `start`, one without an exponent; -1 if there is none. */
export function numberEnd(bytes: Uint8Array, start: number): number {
  let at = bytes[start] === MINUS ? start + 1 : start;
  const first = at;
  while (isDigit(bytes[at])) at++;
  if (at === first || (bytes[first] === DIGIT_0 && at > first + 1)) return -1;
  if (bytes[at] !== DOT) return at;
  const fraction = ++at;
  while (isDigit(bytes[at])) at++;
  return at === fraction ? -1 : at;
}

/** The milliseconds that the digits in `[start, end)` are; -1 if they are not only digits, or too many. */
export function epochMsAt(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > MOST_DIGITS) return -1;
  let number = 0;
  for (let at = start; at < end; at++) {
    if (!isDigit(bytes[at])) return -1;
    number = number * 10 + ((bytes[at] as number) - DIGIT_0);
  }
  return number;
}

const NULL = Buffer.from('null');

export function isNull(bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < NULL.length; i++) if (bytes[start + i] !== NULL[i]) return false;
  return true;
}
