/** Arrival is told by slices of the window, of which this many make one. */
const SLICES = 8;
/** The slice of an entry is kept in a byte, counted from one that is not remembered any more. */
const LAST_SLICE = 255;
const FIRST_PLACES = 1_024;
/** Of the places, when the memory is made anew, and at most. */
const [LEAST_FULL, MOST_FULL] = [0.5, 0.75];

/**
 * Remembers the clicks that were counted, by 64-bit hash of their identity, for `windowMs` of arrival (up to an eighth
 * more: slices are forgotten whole). What is admitted follows from the admitted rows and the arrival times alone, so a
 * memory rebuilt from the stored rows decides as the lost one did.
 *
 * One table with open addressing over typed arrays, 9 bytes a place: a click is looked for in one spot, whatever is
 * remembered, and nothing is there for the garbage collector to walk.
 */
export class DedupeMemory {
  readonly #sliceMs: number;
  /** The halves of each hash. */
  #hashes = new Uint32Array(2 * FIRST_PLACES);
  /** Slice of each entry, less the first one; 0 is a free place. */
  #slices = new Uint8Array(FIRST_PLACES);
  #firstSlice = Number.NEGATIVE_INFINITY;
  #lastSlice = Number.NEGATIVE_INFINITY;
  /** Places that are not free: of entries, and of those that are forgotten. */
  #taken = 0;

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
    if (slice - this.#firstSlice > LAST_SLICE) this.#makeAnew(slice);
    // Before the first one only if the broker's clock was set back: then it is remembered a little longer.
    const now = Math.max(1, slice - this.#firstSlice);
    const [hashes, slices] = [this.#hashes, this.#slices];
    let place = placeOf(low, high, slices.length);
    let forgotten = -1;
    for (let taken = slices[place] as number; taken !== 0; taken = slices[place] as number) {
      const isForgotten = taken < now - SLICES;
      if (isForgotten && forgotten < 0) forgotten = place;
      if (!isForgotten && hashes[2 * place] === low && hashes[2 * place + 1] === high) return false;
      place += 1;
      if (place === slices.length) place = 0;
    }
    if (forgotten < 0) this.#taken += 1;
    else place = forgotten;
    hashes[2 * place] = low;
    hashes[2 * place + 1] = high;
    slices[place] = now;
    this.#lastSlice = slice;
    if (this.#taken > MOST_FULL * slices.length) this.#makeAnew(slice);
    return true;
  }

  /** How many it remembered when it admitted the last one. */
  get size(): number {
    return countAbove(this.#slices, this.#lastSlice - this.#firstSlice - SLICES - 1);
  }

  /** Of its table, with the free ones and the forgotten ones. */
  get places(): number {
    return this.#slices.length;
  }

  /** With room for as many again as are remembered at `slice`, and none of the others. */
  #makeAnew(slice: number): void {
    const [hashes, slices] = [this.#hashes, this.#slices];
    // Never less: what was admitted before the broker's clock was set back would not fit a byte.
    const firstSlice = Math.max(this.#firstSlice, slice - SLICES - 1);
    const shift = firstSlice - this.#firstSlice;
    const remembered = countAbove(slices, shift);
    const places = Math.max(FIRST_PLACES, Math.ceil(remembered / LEAST_FULL));
    this.#hashes = new Uint32Array(2 * places);
    this.#slices = new Uint8Array(places);
    this.#firstSlice = firstSlice;
    this.#taken = remembered;
    for (let old = 0; old < slices.length; old++) {
      const taken = slices[old] as number;
      if (taken <= shift) continue;
      const [low, high] = [hashes[2 * old] as number, hashes[2 * old + 1] as number];
      let place = placeOf(low, high, places);
      while (this.#slices[place] !== 0) place = place + 1 === places ? 0 : place + 1;
      this.#hashes[2 * place] = low;
      this.#hashes[2 * place + 1] = high;
      this.#slices[place] = taken - shift;
    }
  }
}

/** Entries of later slices; a free place is none. */
function countAbove(slices: Uint8Array, slice: number): number {
  let count = 0;
  for (let place = 0; place < slices.length; place++) if ((slices[place] as number) > Math.max(0, slice)) count += 1;
  return count;
}

const TWO_TO_32 = 2 ** 32;

/** Where a hash is looked for first, of so many places. */
const placeOf = (low: number, high: number, places: number): number =>
  Math.floor(((Math.imul(low ^ high, 0x9e3779b1) >>> 0) / TWO_TO_32) * places);
