/** Arrival times are rounded to slices; the window has this many. */
const SLICES = 8;
/** An entry's slice is stored in one byte, relative to a slice that has already been forgotten. */
const LAST_SLICE = 255;
/** Chosen by 8 bits of the hash, so that an entry needs to store only the other 56. */
const PARTS = 256;
const FIRST_PLACES = 16;
/** Load factor of a part: just after a rebuild, and the maximum. */
const [LEAST_FULL, MOST_FULL] = [0.7, 0.9];

/** A memory is rebuilt from the clicks of so many windows: it remembers up to an eighth more than one. */
const REBUILT_WINDOWS = 1.25;

/** Since when clicks are read, to rebuild the memory of what had arrived by `arrivedMs`. */
export const rememberedSinceMs = (arrivedMs: number, windowMs: number): number =>
  arrivedMs - REBUILT_WINDOWS * windowMs;

/**
 * Remembers the counted clicks, by 64-bit hash of their identity, for `windowMs` of arrival (up to an eighth more:
 * whole slices are forgotten). Arrivals are taken in order: one before the latest admitted counts as arriving with that
 * one. Which clicks are admitted depends only on the admitted rows and the arrival times, so a
 * memory rebuilt from the stored rows decides as the lost one did.
 *
 * Open-addressing hash tables over typed arrays, 8 bytes per slot: a lookup probes one spot, however many are
 * remembered, and the garbage collector has nothing to walk. There are many small tables because growing copies one:
 * copying a small one causes no noticeable pause, and it may be nearly full.
 */
export class DedupeMemory {
  readonly #sliceMs: number;
  readonly #parts = Array.from({ length: PARTS }, () => new Part());
  #lastSlice = Number.NEGATIVE_INFINITY;

  constructor(windowMs: number) {
    this.#sliceMs = Math.max(1, Math.ceil(windowMs / SLICES));
  }

  /**
   * True if no click with this 64-bit hash was admitted within the window before `arrivedMs`; it is then remembered.
   */
  admit(hash: bigint, arrivedMs: number): boolean {
    return this.admitHalves(Number(hash & 0xffffffffn), Number(hash >> 32n), arrivedMs);
  }

  /** Like `admit`, with the hash given as two 32-bit halves. */
  admitHalves(low: number, high: number, arrivedMs: number): boolean {
    // A broker's clock may be set back. Its time then stands still here until it has caught up: a click that was
    // forgotten cannot be remembered again, and memories that are rebuilt must agree on which ones those are.
    const slice = Math.max(this.#lastSlice, Math.floor(arrivedMs / this.#sliceMs));
    // Multiplying by an odd constant is a bijection, so `low` and `mixed` together still identify the hash.
    const mixed = Math.imul(low ^ high, 0x9e3779b1);
    if (!(this.#parts[mixed >>> 24] as Part).admit(low, mixed << 8, slice)) return false;
    this.#lastSlice = slice;
    return true;
  }

  /** Number of entries remembered as of the last admission. */
  get size(): number {
    return this.#parts.reduce((sum, part) => sum + part.rememberedAt(this.#lastSlice), 0);
  }

  /** Slots of all tables, including free and expired ones. */
  get places(): number {
    return this.#parts.reduce((sum, part) => sum + part.places, 0);
  }
}

/** The table for hashes that agree in eight bits. */
class Part {
  /**
   * Two words per slot: half of the hash; 24 bits of the other half, with the slice relative to the first one in the
   * last byte. 0 there: free.
   */
  #words = new Uint32Array(2 * FIRST_PLACES);
  #firstSlice = Number.NEGATIVE_INFINITY;
  /** Slots that are not free: live and expired entries. */
  #taken = 0;

  get places(): number {
    return this.#words.length / 2;
  }

  /** @param rest the 24 bits, in the upper ones of 32 */
  admit(low: number, rest: number, slice: number): boolean {
    if (slice - this.#firstSlice > LAST_SLICE) this.#rehash(slice);
    const now = slice - this.#firstSlice;
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
    if (this.#taken > MOST_FULL * this.places) this.#rehash(slice);
    return true;
  }

  rememberedAt(slice: number): number {
    return this.#countAbove(slice - this.#firstSlice - SLICES - 1);
  }

  /** Rehashes the entries still remembered at `slice` into a table with room to grow, and drops the others. */
  #rehash(slice: number): void {
    const old = this.#words;
    const firstSlice = slice - SLICES - 1;
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

  /** Number of entries in slices after the n-th; free slots are not counted. */
  #countAbove(n: number): number {
    const slice = Math.max(0, n);
    let count = 0;
    for (let at = 1; at < this.#words.length; at += 2)
      if (((this.#words[at] as number) & LAST_SLICE) > slice) count += 1;
    return count;
  }
}

const TWO_TO_32 = 2 ** 32;

/** First slot to probe for a hash in a table of the given size. */
const placeOf = (rest: number, places: number): number => Math.floor(((rest >>> 0) / TWO_TO_32) * places);
