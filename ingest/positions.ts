import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { count } from '../domain/fields.ts';
import { ParseError, parsedJson } from '../domain/parse.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../domain/time.ts';
import { appendText, readIfThere, replaceFile } from '../infra/files.ts';

/**
 * How far generations had been read and acknowledged at a time (epoch ms): `all`, or those that had gone on since the entry
 * before. The first one has all: a file without it lacks its beginning.
 */
const entry = z.object({ at: z.int(), all: z.literal(true).exactOptional(), to: z.record(z.string(), count) });
type Entry = z.infer<typeof entry>;

/** A day longer than Kafka keeps what was sent. */
const KEPT_MS = 8 * DAY_MS;
/** Entries that are older than this become one for each hour. */
const FINE_MS = 6 * HOUR_MS;
const COMPACT_AT_BYTES = 1024 * 1024;

const pathIn = (dataDir: string): string => join(dataDir, 'ingest', 'checkpoints', 'positions.jsonl');

/**
 * How far logs had been read at former times, to the minute: if Kafka is lost, what it had not passed on is read again
 * from there.
 */
export class PositionHistory {
  readonly #path: string;
  readonly #positions: () => Record<string, number>;
  readonly #warn: (line: string) => void;
  #pending: Record<string, number> = {};
  #writtenMs: number;
  #appendedBytes = 0;

  private constructor(path: string, positions: () => Record<string, number>, warn: (line: string) => void) {
    this.#path = path;
    this.#positions = positions;
    this.#warn = warn;
    this.#writtenMs = 0;
  }

  /**
   * @param positions of all generations that have a checkpoint: of others nothing is kept
   * @param warn told in words if what was known cannot be read any more
   */
  static open(
    dataDir: string,
    positions: () => Record<string, number>,
    nowMs: number,
    warn: (line: string) => void,
  ): PositionHistory {
    const path = pathIn(dataDir);
    mkdirSync(dirname(path), { recursive: true });
    const history = new PositionHistory(path, positions, warn);
    history.#compact(nowMs);
    return history;
  }

  /** Positions that are on disk as checkpoints. At most once in a minute an entry is written, on disk on return. */
  note(positions: Iterable<readonly [id: string, to: number]>, nowMs: number): void {
    for (const [id, to] of positions) this.#pending[id] = to;
    // A clock that was set back: it would be long until it is a minute later.
    const isSoon = nowMs >= this.#writtenMs && nowMs - this.#writtenMs < MINUTE_MS;
    if (isSoon || Object.keys(this.#pending).length === 0) return;
    const line = lineOf({ at: nowMs, to: this.#pending });
    appendText(this.#path, line);
    this.#pending = {};
    this.#writtenMs = nowMs;
    this.#appendedBytes += line.length;
    if (this.#appendedBytes > COMPACT_AT_BYTES) this.#compact(nowMs);
  }

  #compact(nowMs: number): void {
    const known = readEntries(this.#path);
    if (known === null)
      this.#warn(
        `${this.#path} cannot be read and is begun anew: if Kafka is lost, what was sent before now cannot be read again`,
      );
    const positions = this.#positions();
    // What was read before the first entry is not known, unless nothing was.
    const first = known?.length === 0 && Object.keys(positions).length === 0 ? 0 : nowMs;
    const isFollowed = (id: string): boolean => id in positions;
    const entries = compacted([...(known ?? []), { at: first, to: positions }], nowMs, isFollowed);
    replaceFile(this.#path, entries.map(lineOf).join(''));
    this.#appendedBytes = 0;
    this.#writtenMs = nowMs;
  }
}

/** What had been read by a time. What is absent had not been begun. */
interface PositionsThen {
  /** When that was known, epoch ms. */
  at: number;
  to: ReadonlyMap<string, number>;
  /** Nothing is known of a time before, and this is later than what was asked for. */
  isLater: boolean;
}

/** All that was read by then, or at the first time that anything is known of; null: nothing is. */
export function positionsAt(dataDir: string, atMs: number): PositionsThen | null {
  const known = readEntries(pathIn(dataDir)) ?? [];
  // A clock that was set back has not read less.
  const after = known.findIndex(({ at }) => at > atMs);
  const isLater = after === 0;
  const taken = known.slice(0, isLater ? 1 : after < 0 ? known.length : after);
  const last = taken.at(-1);
  return last === undefined ? null : { at: last.at, to: merged(taken), isLater };
}

const lineOf = (one: Entry): string => `${JSON.stringify(one)}\n`;

const merged = (entries: readonly Entry[]): Map<string, number> =>
  new Map(entries.flatMap(({ to }) => Object.entries(to)));

/** Entries that are too old become one, and older ones one for each hour. */
function compacted(entries: readonly Entry[], nowMs: number, isFollowed: (id: string) => boolean): Entry[] {
  const groups = new Map<string, Entry[]>();
  for (const one of entries) {
    const age = nowMs - one.at;
    const group = age >= KEPT_MS ? 'old' : age >= FINE_MS ? `hour ${Math.floor(one.at / HOUR_MS)}` : `at ${one.at}`;
    groups.set(group, [...(groups.get(group) ?? []), one]);
  }
  return [...groups.values()].map((group, i) => {
    const to = [...merged(group)].filter(([id]) => isFollowed(id));
    return { at: (group.at(-1) as Entry).at, ...(i === 0 && { all: true as const }), to: Object.fromEntries(to) };
  });
}

/** None without a file. Null: something is missing, or no entry. A crash may leave part of the last line. */
function readEntries(path: string): Entry[] | null {
  const lines = (readIfThere(path) ?? '').split('\n').slice(0, -1);
  try {
    const entries = lines.map((line) => parsedJson(entry, line, path));
    return entries.length === 0 || entries[0]?.all === true ? entries : null;
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}
