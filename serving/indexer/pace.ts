/** Token bucket: share of wall time for creating indexes of new days, and the maximum burst. */
const SHARE = 0.2;
const SAVED_MS = 3_000;

/**
 * Whether another day may be held in real time. Creating its index takes tenths of a second or more, and the messages
 * after it in the queue, current clicks among them, wait. So a back-fill of very many days must not create an index for
 * each.
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

  /** Records the time that creating an index took. */
  spent(ms: number): void {
    this.#leftMs -= ms;
  }
}
