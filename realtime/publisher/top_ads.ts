import type { AnnouncementVersion } from '../../domain/message_version.ts';
import { changedEnds, isTopKept, TOP_WINDOWS, type Top, type TopsMessage } from '../../domain/tops.ts';

/** Token bucket: at most 20 % of wall time, with bursts of up to 1 s. */
const SHARE = 0.2;
const BURST_MS = 1_000;

interface TopsPorts {
  /** Top ads of the windows that end at `endMs`, by window length in minutes; absent for windows without clicks. */
  count(endMs: number): Promise<Map<number, Top>>;
  /** Resolves when the messages are acknowledged. */
  send(messages: TopsMessage[]): Promise<void>;
  nowMs(): number;
}

/** The result of a publish step. */
export interface TopAdsStep {
  /** Minutes before `closedFromMs` that received clicks. */
  changed: Iterable<number>;
  closedFromMs: number;
  boundaryMs: number;
  watermarkMs: number;
  /** Messages counted before the step read anything. */
  version: number;
  /** What its announcement carries. */
  announced?: AnnouncementVersion;
}

/**
 * Publishes the top ads of the windows that end with each closed minute. A late click changes up to 15 windows per
 * length, and recounting all at once could delay the minutes, which are more important: lists without time budget are
 * first retracted, then restated in a later step, the latest first. If the process is killed in between, they stay
 * retracted, and queries go to ClickHouse.
 */
export class TopAdsPublisher {
  readonly #ports: TopsPorts;
  readonly #waiting = new Set<number>();
  #budgetMs = BURST_MS;
  #atMs: number;

  constructor(ports: TopsPorts) {
    this.#ports = ports;
    this.#atMs = ports.nowMs();
  }

  async publish({ changed, closedFromMs, boundaryMs, watermarkMs, version, announced }: TopAdsStep): Promise<void> {
    const changedEndsMs = new Set(changedEnds(changed, closedFromMs, boundaryMs));
    for (const endMs of changedEndsMs) this.#waiting.add(endMs);
    this.#budgetMs = Math.min(BURST_MS, this.#budgetMs + this.#elapsedMs() * SHARE);
    for (const endMs of [...this.#waiting].sort((a, b) => b - a)) {
      if (this.#budgetMs <= 0) break;
      if (isTopKept(endMs, boundaryMs)) await this.#countAndSend(endMs, version);
      this.#waiting.delete(endMs);
      changedEndsMs.delete(endMs);
      this.#budgetMs -= this.#elapsedMs();
    }
    const retractions: TopsMessage[] =
      changedEndsMs.size === 0 ? [] : [{ kind: 'changed', endsMs: [...changedEndsMs], version }];
    await this.#ports.send([...retractions, { kind: 'tops-to', ...announced, boundaryMs, watermarkMs }]);
  }

  async #countAndSend(endMs: number, version: number): Promise<void> {
    const tops = await this.#ports.count(endMs);
    await this.#ports.send(
      TOP_WINDOWS.map((window) => ({ kind: 'top', endMs, window, version, ads: tops.get(window) ?? [] })),
    );
  }

  /** Time since the last call. */
  #elapsedMs(): number {
    const beforeMs = this.#atMs;
    this.#atMs = this.#ports.nowMs();
    return this.#atMs - beforeMs;
  }
}
