import { MINUTE_MS } from '../domain/time.ts';
import type { FileState } from './files.ts';
import type { OpenGeneration } from './generation.ts';
import type { Tail } from './tail.ts';

/** The file a generation is read from. `path` is null once its name is gone but the file is still open. */
interface Attached {
  path: string | null;
  state: FileState;
}

/** Old logs that are no longer written to may be numerous. */
const IDLE_LOG_MS = 5 * MINUTE_MS;

/** Which generation is in which file now, and what follows from that. */
export class Attachments extends Map<Tail, Attached> {
  readonly #quietMs: number;

  constructor(quietMs: number) {
    super();
    this.#quietMs = quietMs;
  }

  openGenerations(): OpenGeneration[] {
    return [...this].map(([tail, { state }]) => ({
      generation: tail,
      file: { id: state.id, size: state.size, readSha: (from, to) => tail.readSha(from, to) },
    }));
  }

  /** It has bytes after the last line end, and no writer will complete the line. */
  isFinished(tail: Tail, nowMs: number): boolean {
    const attached = this.get(tail);
    if (!attached || attached.state.size === tail.offset) return false;
    return nowMs - attached.state.changedMs >= this.#quietMs && this.#isSuperseded(tail, attached);
  }

  /** Everything was read, and nothing more will be written. */
  isDone(tail: Tail, nowMs: number): boolean {
    const attached = this.get(tail);
    if (attached?.state.size !== tail.offset) return false;
    return nowMs - attached.state.changedMs >= this.#quietMs && this.#isSuperseded(tail, attached);
  }

  /** Read to its end, can be found again by name, and not expected to change soon. */
  isAtRest(tail: Tail, nowMs: number): boolean {
    const attached = this.get(tail);
    if (!attached?.path || attached.state.size !== tail.offset) return false;
    return nowMs - attached.state.changedMs >= (attached.path === tail.log ? IDLE_LOG_MS : this.#quietMs);
  }

  /** Deleted, or another file now has its log's path, so the writer writes there. */
  #isSuperseded(tail: Tail, { path, state }: Attached): boolean {
    if (state.isDeleted) return true;
    if (path === tail.log) return false;
    return [...this].some(([other, file]) => other !== tail && file.path === tail.log);
  }
}
