import { topicPartition } from '../../domain/names.ts';
import { decodeClick } from '../../domain/wire.ts';
import type { Log } from '../../infra/log.ts';
import type { Cut } from '../cut.ts';
import type { Duck } from './duckdb.ts';
import { chainEnd, type Manifest } from './manifest.ts';
import { Range } from './range.ts';
import { writeRange } from './write_range.ts';

/** Of clicks as they come; as Parquet they take a third to a sixth of it. */
export const ROLL_BYTES = 128 * 1024 * 1024;
export const ROLL_MS = 5 * 60_000;
/** Of DuckDB, for ranges of any number of partitions and clicks of any length: the rest is spilled. */
export const ARCHIVER_MEMORY_MB = 96;

/** A partition of a topic. */
export interface Place {
  topic: string;
  partition: number;
}

export interface ArchiverOptions {
  archiveDir: string;
  /** A range is written when its clicks have this size, or when it is this old. */
  rollBytes: number;
  rollMs: number;
  duck: Duck;
  log: Log;
  /** The first offset that the topic still has; where a partition's archive begins. */
  firstOffset(place: Place): Promise<number>;
  onArchived(manifest: Manifest): void;
}

interface Message {
  offset: number;
  arrivedMs: number;
  value: Buffer | null;
}

const nameOf = ({ topic, partition }: Place): string => topicPartition(topic, partition);

/** What was read of one partition and not yet archived: offsets `[from, next)`. */
interface Pending {
  place: Place;
  from: number;
  next: number;
  rejected: number;
  arrivedFrom: number;
  arrivedTo: number;
  sinceMs: number;
  range: Range;
}

/** Not ours: another process archived the range first, and `readOn` is where its archive ends. */
interface Flushed {
  ours: boolean;
  readOn: number;
}

/**
 * Turns partitions into archived ranges. Knows nothing of consumer groups: it is told which partitions it has, and where
 * to read on is always the end of the manifests. Calls must not overlap; the one who consumes puts them in a row.
 */
export class Archiver {
  readonly #options: ArchiverOptions;
  /** By topic and partition. */
  readonly #pending = new Map<string, Pending>();
  #ranges = 0;
  #generation = 0;

  constructor(options: ArchiverOptions) {
    this.#options = options;
  }

  /** From now on nothing begun before counts: a write that is under way ends without a manifest. */
  newGeneration(): number {
    this.#generation += 1;
    return this.#generation;
  }

  async dropAll(): Promise<void> {
    const dropped = [...this.#pending.values()];
    this.#pending.clear();
    for (const { range } of dropped) await range.close();
  }

  /**
   * Takes messages of one partition in the order of their offsets, from the end of its manifests on: earlier ones are
   * skipped, and none is taken while one before it is missing.
   * @returns the offset that is to come next
   */
  async take(place: Place, messages: Iterable<Message>, nowMs: number): Promise<number> {
    const pending = this.#pending.get(nameOf(place)) ?? (await this.#begin(place));
    for (const { offset, arrivedMs, value } of messages) {
      if (offset < pending.next) continue;
      if (offset > pending.next) break;
      if (pending.next === pending.from) Object.assign(pending, { arrivedFrom: arrivedMs, sinceMs: nowMs });
      const decoded = decodeClick(value, arrivedMs);
      if (decoded.ok) pending.range.add(decoded.click, arrivedMs, offset, value?.length ?? 0);
      else pending.rejected += 1;
      pending.arrivedTo = arrivedMs;
      pending.next = offset + 1;
    }
    return pending.next;
  }

  /** Partitions whose range is large enough, old enough, or reaches a cut that was asked for. */
  due(requested: Cut, nowMs: number): Place[] {
    const { rollBytes, rollMs } = this.#options;
    return [...this.#pending.values()]
      .filter(({ place, from, next, range, sinceMs }) => {
        if (next === from) return false;
        const cut = requested[nameOf(place)] ?? 0;
        return range.bytes >= rollBytes || nowMs - sinceMs >= rollMs || (from < cut && next >= cut);
      })
      .map(({ place }) => place);
  }

  /** Archives what is pending of a partition, if anything is. */
  async flush(place: Place): Promise<Flushed | null> {
    const pending = this.#pending.get(nameOf(place));
    if (pending === undefined || pending.next === pending.from) return null;
    this.#pending.delete(nameOf(place));
    const { archiveDir, log, onArchived } = this.#options;
    const { from, next: to, rejected, arrivedFrom: arrived_from, arrivedTo: arrived_to, range } = pending;
    const generation = this.#generation;
    const facts = { ...place, from, to, rejected, arrived_from, arrived_to };
    const written = await writeRange(archiveDir, facts, range, () => generation === this.#generation);
    await range.close();
    if (written.outcome === 'dropped') return null;
    if (written.outcome === 'archived') {
      onArchived(written.manifest);
      return { ours: true, readOn: to };
    }
    const end = chainEnd(archiveDir, place.topic, place.partition) ?? from;
    log.warn({ ...place, from, to, end }, 'another process archives this partition');
    return { ours: false, readOn: end };
  }

  async #begin(place: Place): Promise<Pending> {
    const { archiveDir, duck, firstOffset } = this.#options;
    const from = chainEnd(archiveDir, place.topic, place.partition) ?? (await firstOffset(place));
    this.#ranges += 1;
    const range = new Range(duck.connection, this.#ranges, nameOf(place));
    await range.open();
    const pending = { place, from, next: from, rejected: 0, arrivedFrom: 0, arrivedTo: 0, sinceMs: 0, range };
    this.#pending.set(nameOf(place), pending);
    return pending;
  }
}
