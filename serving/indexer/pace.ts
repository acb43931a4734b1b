/** Of all time, how much may go into making indexes of new days, and how much of it may be saved up. */
const SHARE = 0.2;
const SAVED_MS = 3_000;

/**
 * Whether another day may be taken up in real time. Making its index takes tenths of a second or more, and what comes
 * behind it in the queue, the clicks of the present among it, waits. So a back-fill of very many days must not have one
 * made for each.
 */
export class Pace {
  #leftMs = SAVED_MS;
  #atMs: number | null = null;

  hasTime(nowMs: number): boolean {
    const sinceMs = nowMs - (this.#atMs ?? nowMs);
    this.#atMs = nowMs;
    this.#leftMs = Math.min(SAVED_MS, this.#leftMs + sinceMs * SHARE);
    return this.#leftMs > 0;
  }

  /** An index was made. */
  spent(ms: number): void {
    this.#leftMs -= ms;
  }
}
