const LONGEST = 16;
const CODES = 128;

/** Finds names in bytes without making strings: by length and second letter, which must differ between all of them. */
export class NameTable {
  readonly #names: Uint8Array[];
  /** By length and second letter: which name it can only be; -1: none. */
  readonly #candidates = new Int8Array(LONGEST * CODES).fill(-1);

  constructor(names: readonly string[]) {
    this.#names = names.map((name) => Buffer.from(name));
    for (const [index, name] of this.#names.entries()) {
      const slot = name.length * CODES + (name[1] as number);
      if (name.length >= LONGEST || this.#candidates[slot] !== -1) throw new Error(`no place for ${names[index]}`);
      this.#candidates[slot] = index;
    }
  }

  /** Index of the name in `[start, end)`, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length < 2 || length >= LONGEST) return -1;
    const second = bytes[start + 1] as number;
    if (second >= CODES) return -1;
    const index = this.#candidates[length * CODES + second] as number;
    if (index < 0) return -1;
    const name = this.#names[index] as Uint8Array;
    for (let i = 0; i < length; i++) if (bytes[start + i] !== name[i]) return -1;
    return index;
  }
}
