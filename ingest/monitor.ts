import { setImmediate } from 'node:timers/promises';
import type { EventKind } from '../domain/event_kinds.ts';
import type { Log } from '../infra/log.ts';
import { TIMINGS } from '../infra/timings.ts';
import { withTimeout } from '../infra/with_timeout.ts';
import { Batch, type Topics } from './batch.ts';
import type { CheckpointStore } from './checkpoint.ts';
import type { FileState } from './files.ts';
import { takeLines } from './lines.ts';
import type { Follower } from './log_files.ts';
import type { IngestMetrics } from './metrics.ts';
import type { Outgoing } from './produce.ts';
import type { FileProblems } from './report.ts';
import { newScratch, type Tail } from './tail.ts';

/** Divides the time: after a scan, this many times its duration is left for reading. */
const READING_PER_SCAN = 10;
const STOP_LIMIT_MS = 5_000;

interface MonitorParts {
  store: CheckpointStore;
  follower: Follower;
  problems: FileProblems;
  /** Resolves when the broker has acknowledged everything. */
  send: (messages: Outgoing) => Promise<void>;
  topics: Topics;
  /** The kinds of events that are run. */
  kinds: ReadonlySet<EventKind>;
  metrics: IngestMetrics;
  log: Log;
}

interface Unread {
  state: FileState;
  isFinished: boolean;
}

/**
 * Reads, sends, and advances the checkpoint once the batch is acknowledged. One batch is in flight while the next one
 * is read; reading waits for the broker, so memory is bounded by two batches.
 */
export class Monitor {
  /** Rejects on an unexpected failure; the monitor has then stopped. */
  readonly ended: Promise<void>;
  readonly #parts: MonitorParts;
  readonly #scratch = newScratch();
  /** In the order in which they are read next. */
  readonly #unread = new Map<Tail, Unread>();
  /** The state of a file when it was read and had no complete line. */
  readonly #idleAt = new WeakMap<Tail, FileState>();
  #nextScanMs = 0;
  #inFlight: Promise<void> = Promise.resolve();
  #isStopping = false;
  #wake: () => void = () => undefined;

  constructor(parts: MonitorParts) {
    this.#parts = parts;
    this.ended = this.#run();
  }

  /** Waits a limited time for the batch in flight; unacknowledged, it is sent again by the next monitor. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#wake();
    await withTimeout(this.ended, STOP_LIMIT_MS, () => undefined);
    this.ended.catch((error) => this.#parts.log.warn({ err: error }, 'stopped before the broker answered'));
    this.#parts.follower.close();
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      if (performance.now() >= this.#nextScanMs) await this.#scan();
      const batch = this.#fill();
      await this.#inFlight;
      if (!batch.isEmpty) {
        this.#inFlight = this.#deliver(batch);
        // Awaited in the next iteration; avoids an unhandled rejection until then.
        this.#inFlight.catch(() => undefined);
      }
      if (this.#unread.size === 0) await this.#pauseUntil(this.#nextScanMs);
      else if (batch.isEmpty) await setImmediate();
    }
    await this.#inFlight;
  }

  async #scan(): Promise<void> {
    const startMs = performance.now();
    const nowMs = Date.now();
    const { follower, metrics } = this.#parts;
    await follower.look(nowMs);
    for (const { tail, state, isFinished } of follower.files(nowMs)) {
      const idle = this.#idleAt.get(tail);
      // A file of the same size may have been rewritten, so the change time counts too.
      const isSame = idle?.size === state.size && idle.changedMs === state.changedMs;
      if (!isSame || isFinished) this.#unread.set(tail, { state, isFinished });
    }
    metrics.files.set(follower.count);
    metrics.unreadBytes.set(follower.unreadBytes);
    const endMs = performance.now();
    this.#nextScanMs = Math.max(startMs + TIMINGS.logPollMs, endMs + (endMs - startMs) * READING_PER_SCAN);
  }

  #fill(): Batch {
    const batch = new Batch(this.#parts.topics);
    while (this.#unread.size > 0 && !batch.isFull) {
      if (performance.now() >= this.#nextScanMs) break;
      const nowMs = Date.now();
      const [tail, unread] = this.#unread.entries().next().value as [Tail, Unread];
      this.#unread.delete(tail);
      const { problems, follower, kinds } = this.#parts;
      const taken = problems.try('read', tail.path, () =>
        takeLines(tail, this.#scratch, { batch, kinds, nowMs, isFinished: unread.isFinished }),
      );
      if (taken === 'more') this.#unread.set(tail, unread);
      if (taken === 'idle') {
        this.#idleAt.set(tail, unread.state);
        follower.closeIfIdle(tail, nowMs);
      }
      if (taken === 'broken') {
        follower.markBroken(tail);
        this.#nextScanMs = 0;
      }
    }
    return batch;
  }

  async #deliver(batch: Batch): Promise<void> {
    const { send, store, metrics } = this.#parts;
    await send(batch);
    await store.save(
      [...batch.positions].map(([id, position]) => ({ id, ...position })),
      Date.now(),
    );
    metrics.count(batch.totals, batch.leftOut, batch.reasons);
  }

  #pauseUntil(untilMs: number): Promise<void> {
    if (this.#isStopping) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, untilMs - performance.now());
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
