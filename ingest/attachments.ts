import { MINUTE_MS } from '../domain/time.ts';
import type { FileState } from './files.ts';
import type { OpenGeneration } from './generation.ts';
import type { Tail } from './tail.ts';

/** A file that a generation is read from. `path` is null when its name is gone, but it is still held open. */
interface Attached {
  path: string | null;
  state: FileState;
}

/** Old logs that nobody writes to any more may be very many. */
const IDLE_LOG_MS = 5 * MINUTE_MS;

/** Which generation is in which file now, and what follows from that. */
export class Attachments extends Map<Tail, Attached> {
  readonly #quietMs: number;

  constructor(quietMs: number) {
    super();
    this.#quietMs = quietMs;
  }

  live(): OpenGeneration[] {
    return [...this].map(([tail, { state }]) => ({
      generation: tail,
      file: { id: state.id, size: state.size, readSha: (from, to) => tail.readSha(from, to) },
    }));
  }

  /** It has bytes behind the last line end, and nobody will write what is missing. */
  isFinished(tail: Tail, nowMs: number): boolean {
    const attached = this.get(tail);
    if (!attached || attached.state.size === tail.offset) return false;
    return nowMs - attached.state.changedMs >= this.#quietMs && this.#isSuperseded(tail, attached);
  }

  /** Everything was read, and nothing will come. */
  isDone(tail: Tail, nowMs: number): boolean {
    const attached = this.get(tail);
    if (attached?.state.size !== tail.offset) return false;
    return nowMs - attached.state.changedMs >= this.#quietMs && this.#isSuperseded(tail, attached);
  }

  /** It was read to its end, can be found again by its name, and is not expected to change soon. */
  isAtRest(tail: Tail, nowMs: number): boolean {
    const attached = this.get(tail);
    if (!attached?.path || attached.state.size !== tail.offset) return false;
    return nowMs - attached.state.changedMs >= (attached.path === tail.log ? IDLE_LOG_MS : this.#quietMs);
  }

  /** Deleted, or another file has the place that this one had: where the writer writes now. */
  #isSuperseded(tail: Tail, { path, state }: Attached): boolean {
    if (state.isDeleted) return true;
    if (path === tail.log) return false;
    return [...this].some(([other, file]) => other !== tail && file.path === tail.log);
  }
}
