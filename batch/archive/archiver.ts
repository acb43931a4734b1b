import { FastClickDecoder } from '../../domain/click/fast_message.ts';
import { decodeClick } from '../../domain/click/wire.ts';
import type { Cut } from '../../domain/cut.ts';
import { topicPartition } from '../../domain/names.ts';
import type { Arrived } from '../../infra/clients/kafka.ts';
import type { Log } from '../../infra/log.ts';
import { chainEnd, type Manifest } from './files/manifest.ts';
import { RangeBuffer } from './range.ts';
import { writeRange } from './write_range.ts';

/** Of clicks as they come; as Parquet they take a third to a sixth of it. */
export const ROLL_BYTES = 128 * 1024 * 1024;
export const ROLL_MS = 5 * 60_000;

/** A partition of a topic. */
export interface TopicPartition {
  topic: string;
  partition: number;
}

export interface ArchiverOptions {
  archiveDir: string;
  /** A range is written when its clicks have this size, or when it is this old. */
  rollBytes: number;
  rollMs: number;
  log: Log;
  /** The first offset that the topic still has; where a partition's archive begins. */
  firstOffset(place: TopicPartition): Promise<number>;
  onArchived(manifest: Manifest): void;
}

/** What is asked of a message is asked before the next is read. */
const usual = new FastClickDecoder();

const nameOf = ({ topic, partition }: TopicPartition): string => topicPartition(topic, partition);

/** What was read of one partition and not yet archived: offsets `[from, next)`. */
interface Pending {
  place: TopicPartition;
  from: number;
  next: number;
  rejected: number;
  arrivedFrom: number;
  arrivedTo: number;
  sinceMs: number;
  range: RangeBuffer;
}

/** How a write ended. Not ours: another process archived the range first, and `readOn` is where its archive ends. */
interface Flushed {
  place: TopicPartition;
  ours: boolean;
  readOn: number;
}

/** A range that is being written. It counts as archived for what is taken meanwhile. */
interface Writing {
  place: TopicPartition;
  to: number;
  /** Null: it was no longer wanted. */
  flushed: Promise<Flushed | null>;
  ended: boolean;
}

/**
 * Turns partitions into archived ranges. Knows nothing of consumer groups: it is told which partitions it has, and where
 * to read on is always the end of the manifests. One range is written while others are filled. Calls must not overlap;
 * the one who consumes puts them in a row.
 */
export class Archiver {
  readonly #options: ArchiverOptions;
  /** By topic and partition. */
  readonly #pending = new Map<string, Pending>();
  #writing: Writing | null = null;
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
    await this.flushed();
    const dropped = [...this.#pending.values()];
    this.#pending.clear();
    for (const { range } of dropped) await range.close();
  }

  /**
   * Takes messages of one partition in the order of their offsets, from the end of its manifests on: earlier ones are
   * skipped, and none is taken while one before it is missing.
   * @returns the offset that is to come next
   */
  async take(place: TopicPartition, messages: Iterable<Arrived>, nowMs: number): Promise<number> {
    const pending = this.#pending.get(nameOf(place)) ?? (await this.#begin(place));
    for (const { offsetNumber: offset, arrivedMs, bytes, valueStart: start, valueLength: length } of messages) {
      if (offset < pending.next) continue;
      if (offset > pending.next) break;
      if (pending.next === pending.from) Object.assign(pending, { arrivedFrom: arrivedMs, sinceMs: nowMs });
      if (usual.read(bytes, start, start + length, arrivedMs)) {
        pending.range.addBytes(bytes, usual, arrivedMs, offset, length);
      } else {
        const decoded = decodeClick(length < 0 ? null : bytes.subarray(start, start + length), arrivedMs);
        if (decoded.ok) pending.range.add(decoded.click, arrivedMs, offset, length);
        else pending.rejected += 1;
      }
      pending.arrivedTo = arrivedMs;
      pending.next = offset + 1;
    }
    return pending.next;
  }

  /** Partitions whose range is large enough, old enough, or reaches a cut that was asked for. */
  due(requested: Cut, nowMs: number): TopicPartition[] {
    const { rollBytes, rollMs } = this.#options;
    return [...this.#pending.values()]
      .filter(({ place, from, next, range, sinceMs }) => {
        if (next === from) return false;
        const cut = requested[nameOf(place)] ?? 0;
        return range.bytes >= rollBytes || nowMs - sinceMs >= rollMs || (from < cut && next >= cut);
      })
      .map(({ place }) => place);
  }

  /** Begins to write what is pending of a partition, if anything is; what was being written must have been waited for. */
  flush(place: TopicPartition): void {
    const pending = this.#pending.get(nameOf(place));
    if (pending === undefined || pending.next === pending.from) return;
    if (this.#writing !== null) throw new Error('one range is written at a time');
    this.#pending.delete(nameOf(place));
    const writing: Writing = { place, to: pending.next, flushed: this.#write(pending), ended: false };
    this.#writing = writing;
    const end = (): void => {
      writing.ended = true;
    };
    // A failure is for the one who waits for it.
    writing.flushed.then(end, end);
  }

  /** Whether a write has ended and nobody has asked how. */
  get hasFlushed(): boolean {
    return this.#writing?.ended ?? false;
  }

  /** Waits for the range that is being written. What was taken behind a range that is not ours is dropped. */
  async flushed(): Promise<Flushed | null> {
    const flushed = (await this.#writing?.flushed) ?? null;
    this.#writing = null;
    if (flushed !== null && !flushed.ours) {
      const name = nameOf(flushed.place);
      await this.#pending.get(name)?.range.close();
      this.#pending.delete(name);
    }
    return flushed;
  }

  async #write(pending: Pending): Promise<Flushed | null> {
    const { archiveDir, log, onArchived } = this.#options;
    const { place, from, next: to, rejected, arrivedFrom: arrived_from, arrivedTo: arrived_to, range } = pending;
    const generation = this.#generation;
    const facts = { ...place, from, to, rejected, arrived_from, arrived_to };
    const written = await writeRange(archiveDir, facts, range, () => generation === this.#generation);
    await range.close();
    if (written.outcome === 'dropped') return null;
    if (written.outcome === 'archived') {
      onArchived(written.manifest);
      return { place, ours: true, readOn: to };
    }
    const end = chainEnd(archiveDir, place.topic, place.partition) ?? from;
    log.warn({ ...place, from, to, end }, 'another process archives this partition');
    return { place, ours: false, readOn: end };
  }

  async #begin(place: TopicPartition): Promise<Pending> {
    const { archiveDir, firstOffset } = this.#options;
    const written = this.#writing;
    const from =
      written !== null && nameOf(written.place) === nameOf(place)
        ? written.to
        : (chainEnd(archiveDir, place.topic, place.partition) ?? (await firstOffset(place)));
    const range = new RangeBuffer(archiveDir, nameOf(place));
    const pending = { place, from, next: from, rejected: 0, arrivedFrom: 0, arrivedTo: 0, sinceMs: 0, range };
    this.#pending.set(nameOf(place), pending);
    return pending;
  }
}
