import { changedEnds, isTopKept, TOP_WINDOWS, type Top, type TopsMessage } from '../../domain/tops.ts';

/** Of all time, how much may go into counting tops, and how much of it may be saved up. */
const SHARE = 0.2;
const SAVED_MS = 1_000;

interface TopsPorts {
  /** The most clicked ads of the windows that end then, by the minutes of the window; none if nothing was clicked. */
  count(endMs: number): Promise<Map<number, Top>>;
  /** Returns when they are acknowledged. */
  send(messages: TopsMessage[]): Promise<void>;
  nowMs(): number;
}

/** What a step has found. */
export interface TopAdsStep {
  /** Minutes before `closedFromMs` that clicks came for. */
  changed: Iterable<number>;
  closedFromMs: number;
  boundaryMs: number;
  watermarkMs: number;
  /** Messages that were counted before anything of the step was read. */
  version: number;
}

/**
 * Says which ads were clicked most in the windows that ended with each closed minute. A late click changes up to 15 of
 * them, and counting them all again at once could hold up the minutes, which are more important: what there is no time
 * for is taken back first, and stated anew in a later step, the latest first. A process that is killed in between leaves
 * them taken back: then ClickHouse is asked.
 */
export class TopAdsPublisher {
  readonly #ports: TopsPorts;
  readonly #waiting = new Set<number>();
  #leftMs = SAVED_MS;
  #atMs: number;

  constructor(ports: TopsPorts) {
    this.#ports = ports;
    this.#atMs = ports.nowMs();
  }

  async publish({ changed, closedFromMs, boundaryMs, watermarkMs, version }: TopAdsStep): Promise<void> {
    const unstated = new Set(changedEnds(changed, closedFromMs, boundaryMs));
    for (const endMs of unstated) this.#waiting.add(endMs);
    this.#leftMs = Math.min(SAVED_MS, this.#leftMs + this.#sinceMs() * SHARE);
    for (const endMs of [...this.#waiting].sort((a, b) => b - a)) {
      if (this.#leftMs <= 0) break;
      if (isTopKept(endMs, boundaryMs)) await this.#state(endMs, version);
      this.#waiting.delete(endMs);
      unstated.delete(endMs);
      this.#leftMs -= this.#sinceMs();
    }
    const takenBack: TopsMessage[] = unstated.size === 0 ? [] : [{ kind: 'changed', endsMs: [...unstated], version }];
    await this.#ports.send([...takenBack, { kind: 'tops-to', boundaryMs, watermarkMs }]);
  }

  async #state(endMs: number, version: number): Promise<void> {
    const tops = await this.#ports.count(endMs);
    await this.#ports.send(
      TOP_WINDOWS.map((window) => ({ kind: 'top', endMs, window, version, ads: tops.get(window) ?? [] })),
    );
  }

  /** Time since the last call. */
  #sinceMs(): number {
    const beforeMs = this.#atMs;
    this.#atMs = this.#ports.nowMs();
    return this.#atMs - beforeMs;
  }
}
