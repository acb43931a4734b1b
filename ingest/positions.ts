import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { count } from '../domain/fields.ts';
import { ParseError, parsedJson } from '../domain/parse.ts';
import { DAY_MS, MINUTE_MS } from '../domain/time.ts';
import { appendText, readIfThere, replaceFile } from '../infra/files.ts';

/** How far generations had been read and acknowledged at a time (epoch ms): those that had gone on since the entry before. */
const entry = z.object({ at: z.int(), to: z.record(z.string(), count) });
type Entry = z.infer<typeof entry>;

/** A day longer than Kafka keeps what was sent. */
const KEPT_MS = 8 * DAY_MS;

const pathIn = (dataDir: string): string => join(dataDir, 'ingest', 'checkpoints', 'positions.jsonl');

/**
 * How far logs had been read at former times, to the minute: if Kafka is lost, what it had not passed on is read again
 * from there.
 */
export class PositionHistory {
  readonly #path: string;
  #pending: Record<string, number> = {};
  #writtenMs: number;

  private constructor(path: string, nowMs: number) {
    this.#path = path;
    this.#writtenMs = nowMs;
  }

  /** @param positions of all generations now */
  static open(dataDir: string, positions: Record<string, number>, nowMs: number): PositionHistory {
    const path = pathIn(dataDir);
    const known = readEntries(path);
    // Of what was read before the first entry nothing is known, unless that is nothing.
    const first = known.length > 0 || Object.keys(positions).length > 0 ? nowMs : 0;
    mkdirSync(dirname(path), { recursive: true });
    const entries = [...compacted(known, nowMs - KEPT_MS), { at: first, to: positions }];
    replaceFile(path, entries.map((one) => `${JSON.stringify(one)}\n`).join(''));
    return new PositionHistory(path, nowMs);
  }

  /** Positions that are on disk as checkpoints. At most once in a minute an entry is written, on disk on return. */
  note(positions: Iterable<readonly [id: string, to: number]>, nowMs: number): void {
    for (const [id, to] of positions) this.#pending[id] = to;
    if (nowMs - this.#writtenMs < MINUTE_MS || Object.keys(this.#pending).length === 0) return;
    appendText(this.#path, `${JSON.stringify({ at: nowMs, to: this.#pending } satisfies Entry)}\n`);
    this.#pending = {};
    this.#writtenMs = nowMs;
  }
}

/** All that was read by then, and when that was; null: it is not known. What is absent had not been begun. */
export function positionsAt(dataDir: string, atMs: number): { at: number; to: ReadonlyMap<string, number> } | null {
  const before = readEntries(pathIn(dataDir)).filter(({ at }) => at <= atMs);
  const last = before.at(-1);
  return last === undefined ? null : { at: last.at, to: merged(before) };
}

const merged = (entries: readonly Entry[]): Map<string, number> =>
  new Map(entries.flatMap(({ to }) => Object.entries(to)));

/** Entries up to a time become one. */
function compacted(entries: readonly Entry[], beforeMs: number): Entry[] {
  const old = entries.filter(({ at }) => at <= beforeMs);
  const last = old.at(-1);
  const kept = entries.slice(old.length);
  return last === undefined ? kept : [{ at: last.at, to: Object.fromEntries(merged(old)) }, ...kept];
}

/** A crash may leave part of a line: what came after the entry before it is read again. */
function readEntries(path: string): Entry[] {
  return (readIfThere(path) ?? '').split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [parsedJson(entry, line, path)];
    } catch (error) {
      if (error instanceof ParseError) return [];
      throw error;
    }
  });
}
