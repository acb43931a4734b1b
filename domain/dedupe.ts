/** The window is kept in this many slices of arrival time; the oldest is forgotten as a new one begins. */
const SLICES = 8;

/**
 * Remembers the clicks that were counted, by 64-bit hash of their identity, for `windowMs` of arrival (up to an eighth
 * more: slices are dropped whole). What is admitted follows from the admitted rows and the arrival times alone, so a
 * memory rebuilt from the stored rows decides as the lost one did.
 */
export class DedupeMemory {
  readonly #sliceMs: number;
  #slices = new Map<number, HashSet>();

  constructor(windowMs: number) {
    this.#sliceMs = Math.max(1, Math.ceil(windowMs / SLICES));
  }

  /** True, and remembered, if no click of this 64-bit hash was admitted within the window before `arrivedMs`. */
  admit(hash: bigint, arrivedMs: number): boolean {
    return this.admitHalves(Number(hash & 0xffffffffn), Number(hash >> 32n), arrivedMs);
  }

  /** The same, by the halves of the hash. */
  admitHalves(low: number, high: number, arrivedMs: number): boolean {
    const now = Math.floor(arrivedMs / this.#sliceMs);
    for (const [slice, set] of this.#slices) {
      if (slice < now - SLICES) this.#slices.delete(slice);
      else if (set.has(low, high)) return false;
    }
    let current = this.#slices.get(now);
    if (!current) {
      current = new HashSet();
      this.#slices.set(now, current);
    }
    current.add(low, high);
    return true;
  }

  get size(): number {
    let size = 0;
    for (const set of this.#slices.values()) size += set.size;
    return size;
  }
}

/** Open addressing over typed arrays: 8 bytes an entry, nothing for the garbage collector to walk. */
export class HashSet {
  #table = new Uint32Array(2 * 1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(low: number, high: number): boolean {
    return this.#find(this.#table, low, high) < 0;
  }

  add(low: number, high: number): void {
    const at = this.#find(this.#table, low, high);
    if (at < 0) return;
    this.#table[at] = low;
    this.#table[at + 1] = mark(low, high);
    if (++this.#size > (this.#table.length / 2) * 0.7) this.#grow();
  }

  /** Where the entry would go, or -1 if it is there. */
  #find(table: Uint32Array, low: number, high: number): number {
    const marked = mark(low, high);
    const mask = table.length - 1;
    let at = (low * 2) & mask;
    while (table[at] !== 0 || table[at + 1] !== 0) {
      if (table[at] === low && table[at + 1] === marked) return -1;
      at = (at + 2) & mask;
    }
    return at;
  }

  #grow(): void {
    const old = this.#table;
    const table = new Uint32Array(old.length * 2);
    for (let i = 0; i < old.length; i += 2) {
      const low = old[i] as number;
      const high = old[i + 1] as number;
      if (low === 0 && high === 0) continue;
      const at = this.#find(table, low, high);
      table[at] = low;
      table[at + 1] = high;
    }
    this.#table = table;
  }
}

/** An empty slot is 0, 0: the one hash that looks like it is stored as its neighbour. */
const mark = (low: number, high: number): number => (low === 0 && high === 0 ? 1 : high);
