/** Arrival is told by slices of the window, of which this many make one. */
const SLICES = 8;
/** The slice of an entry is kept in a byte, counted from one that is not remembered any more. */
const LAST_SLICE = 255;
/** Named by 8 bits of the hash, so that an entry needs to keep only the other 56. */
const PARTS = 256;
const FIRST_PLACES = 16;
/** Of the places, when a part is made anew, and at most. */
const [LEAST_FULL, MOST_FULL] = [0.7, 0.9];

/**
 * Remembers the clicks that were counted, by 64-bit hash of their identity, for `windowMs` of arrival (up to an eighth
 * more: slices are forgotten whole). What is admitted follows from the admitted rows and the arrival times alone, so a
 * memory rebuilt from the stored rows decides as the lost one did.
 *
 * Tables with open addressing over typed arrays, 8 bytes a place: a click is looked for in one spot, whatever is
 * remembered, and nothing is there for the garbage collector to walk. They are many, because one is copied as it grows:
 * a small one takes no time that anybody would notice, and may be nearly full.
 */
export class DedupeMemory {
  readonly #sliceMs: number;
  readonly #parts = Array.from({ length: PARTS }, () => new Part());
  #lastSlice = Number.NEGATIVE_INFINITY;

  constructor(windowMs: number) {
    this.#sliceMs = Math.max(1, Math.ceil(windowMs / SLICES));
  }

  /** True, and remembered, if no click of this 64-bit hash was admitted within the window before `arrivedMs`. */
  admit(hash: bigint, arrivedMs: number): boolean {
    return this.admitHalves(Number(hash & 0xffffffffn), Number(hash >> 32n), arrivedMs);
  }

  /** The same, by the halves of the hash. */
  admitHalves(low: number, high: number, arrivedMs: number): boolean {
    const slice = Math.floor(arrivedMs / this.#sliceMs);
    // With `low` beside it as good as `high`, since an odd factor takes nothing away.
    const mixed = Math.imul(low ^ high, 0x9e3779b1);
    if (!(this.#parts[mixed >>> 24] as Part).admit(low, mixed << 8, slice)) return false;
    this.#lastSlice = slice;
    return true;
  }

  /** How many it remembered when it admitted the last one. */
  get size(): number {
    return this.#parts.reduce((sum, part) => sum + part.rememberedAt(this.#lastSlice), 0);
  }

  /** Of its tables, with the free ones and the forgotten ones. */
  get places(): number {
    return this.#parts.reduce((sum, part) => sum + part.places, 0);
  }
}

/** The entries of hashes that agree in eight bits. */
class Part {
  /** Two words a place: half a hash; 24 bits of the other half, and in the last byte the slice, less the first one. 0 there: free. */
  #words = new Uint32Array(2 * FIRST_PLACES);
  #firstSlice = Number.NEGATIVE_INFINITY;
  /** Places that are not free: of entries, and of those that are forgotten. */
  #taken = 0;

  get places(): number {
    return this.#words.length / 2;
  }

  /** @param rest the 24 bits, in the upper ones of 32 */
  admit(low: number, rest: number, slice: number): boolean {
    if (slice - this.#firstSlice > LAST_SLICE) this.#makeAnew(slice);
    // Before the first one only if the broker's clock was set back: then it is remembered a little longer.
    const now = Math.max(1, slice - this.#firstSlice);
    const words = this.#words;
    let at = 2 * placeOf(rest, words.length / 2);
    let forgotten = -1;
    for (let word = words[at + 1] as number; word !== 0; word = words[at + 1] as number) {
      const isForgotten = (word & LAST_SLICE) < now - SLICES;
      if (isForgotten && forgotten < 0) forgotten = at;
      if (!isForgotten && words[at] === low && (word & ~LAST_SLICE) === rest) return false;
      at += 2;
      if (at === words.length) at = 0;
    }
    if (forgotten < 0) this.#taken += 1;
    else at = forgotten;
    words[at] = low;
    words[at + 1] = rest | now;
    if (this.#taken > MOST_FULL * this.places) this.#makeAnew(slice);
    return true;
  }

  rememberedAt(slice: number): number {
    return this.#countAbove(slice - this.#firstSlice - SLICES - 1);
  }

  /** With some room beside those that are remembered at `slice`, and without the others. */
  #makeAnew(slice: number): void {
    const old = this.#words;
    // Never less: what was admitted before the broker's clock was set back would not fit a byte.
    const firstSlice = Math.max(this.#firstSlice, slice - SLICES - 1);
    const shift = firstSlice - this.#firstSlice;
    this.#taken = this.#countAbove(shift);
    const places = Math.max(FIRST_PLACES, Math.ceil(this.#taken / LEAST_FULL));
    const words = new Uint32Array(2 * places);
    for (let from = 0; from < old.length; from += 2) {
      const word = old[from + 1] as number;
      if ((word & LAST_SLICE) <= shift) continue;
      let at = 2 * placeOf(word & ~LAST_SLICE, places);
      while (words[at + 1] !== 0) at = at + 2 === words.length ? 0 : at + 2;
      words[at] = old[from] as number;
      words[at + 1] = word - shift;
    }
    this.#words = words;
    this.#firstSlice = firstSlice;
  }

  /** Entries of later slices than the n-th; a free place is none. */
  #countAbove(n: number): number {
    const slice = Math.max(0, n);
    let count = 0;
    for (let at = 1; at < this.#words.length; at += 2)
      if (((this.#words[at] as number) & LAST_SLICE) > slice) count += 1;
    return count;
  }
}

const TWO_TO_32 = 2 ** 32;

/** Where a hash is looked for first, of so many places. */
const placeOf = (rest: number, places: number): number => Math.floor(((rest >>> 0) / TWO_TO_32) * places);
