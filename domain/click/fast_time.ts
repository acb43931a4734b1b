const WHOLE_SECOND = 'YYYY-MM-DD hh:mm:ss'.length;
const MILLISECOND = 'YYYY-MM-DD hh:mm:ss.mmm'.length;

const [SPACE, DASH, DOT, DIGIT_0, COLON, UPPER_T, UPPER_Z] = [32, 45, 46, 48, 58, 84, 90];

/** Reads times in the spellings that nearly all lines have. */
export class FastTime {
  /** The time read last, in epoch milliseconds. */
  ms = 0;
  /** The day of the previous line, like 20210131, and its start (epoch ms). */
  #day = 0;
  #dayMs = 0;

  /** `YYYY-MM-DD hh:mm:ss`, or with `T` and `Z`; milliseconds are optional. False for any other. */
  read(bytes: Uint8Array, at: number, end: number): boolean {
    const hasZone = bytes[at + 10] === UPPER_T;
    if (hasZone ? bytes[end - 1] !== UPPER_Z : bytes[at + 10] !== SPACE) return false;
    const length = end - at - (hasZone ? 1 : 0);
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
    this.ms = this.#dayMs + ((hour * 60 + minute) * 60 + second) * 1_000 + millisecond;
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

const digitAt = (bytes: Uint8Array, at: number): number => {
  const digit = (bytes[at] as number) - DIGIT_0;
  return digit >= 0 && digit <= 9 ? digit : Number.NaN;
};
const twoDigits = (bytes: Uint8Array, at: number): number => digitAt(bytes, at) * 10 + digitAt(bytes, at + 1);
const fraction = (bytes: Uint8Array, at: number): number =>
  bytes[at] === DOT ? digitAt(bytes, at + 1) * 100 + twoDigits(bytes, at + 2) : Number.NaN;
