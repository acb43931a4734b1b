import type { RejectReason } from '../../domain/click/click.ts';
import { DECODERS } from '../../domain/click/fast_message.ts';
import { decodeEvent } from '../../domain/click/message.ts';
import type { Cut } from '../../domain/cut.ts';
import type { EventKind } from '../../domain/event_kinds.ts';
import type { MessageFingerprint } from '../../domain/message_fingerprint.ts';
import { topicPartition } from '../../domain/names.ts';
import { type Arrived, fingerprintOfArrived } from '../../infra/clients/kafka.ts';
import type { Log } from '../../infra/log.ts';
import { chainEnd, lastManifest, type Manifest } from './files/manifest.ts';
import { RangeBuffer } from './range.ts';
import { writeRange } from './write_range.ts';

/** Size of the clicks as received; as Parquet they take a third to a sixth of it. */
export const ROLL_BYTES = 128 * 1024 * 1024;
export const ROLL_MS = 5 * 60_000;

/** A partition of a topic. */
export interface TopicPartition {
  topic: string;
  partition: number;
}

/** How many messages of a range are no events, by reason. */
export type RejectedCounts = ReadonlyMap<RejectReason, number>;

export interface ArchiverOptions {
  event: EventKind;
  archiveDir: string;
  /** A range is written when its clicks have this size, or when it is this old. */
  rollBytes: number;
  rollMs: number;
  log: Log;
  /** The first offset that the topic still has; where a partition's archive begins. */
  firstOffset(place: TopicPartition): Promise<number>;
  onArchived(manifest: Manifest, rejected: RejectedCounts): void;
}

const nameOf = ({ topic, partition }: TopicPartition): string => topicPartition(topic, partition);

/** Messages of one partition that were read and not yet archived: offsets `[from, next)`. */
interface Pending {
  place: TopicPartition;
  from: number;
  next: number;
  rejected: Map<RejectReason, number>;
  arrivedFrom: number;
  arrivedTo: number;
  /** The message before `next`; null: not on record. */
  last: MessageFingerprint | null;
  sinceMs: number;
  range: RangeBuffer;
}

/** Result of a write. Not ours: another process archived the range first, and its archive ends at `readOn`. */
interface Flushed {
  place: TopicPartition;
  ours: boolean;
  readOn: number;
}

/** A range that is being written. For messages received meanwhile it counts as archived. */
interface Writing {
  place: TopicPartition;
  to: number;
  last: MessageFingerprint | null;
  /** Null: the write was cancelled. */
  flushed: Promise<Flushed | null>;
  ended: boolean;
}

/**
 * Turns partitions into archived ranges. Independent of consumer groups: its partitions are given, and it always
 * resumes at the end of the manifests. One range is written while others are filled. Calls must not overlap; the
 * consumer serializes them.
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

  /** Invalidates everything started before: a write in progress ends without a manifest. */
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
   * Accepts messages of one partition in offset order, from the end of its manifests on: earlier ones are skipped, and
   * none is accepted while an earlier one is missing.
   * @returns the next expected offset
   */
  async take(place: TopicPartition, messages: Iterable<Arrived>, nowMs: number): Promise<number> {
    const { event } = this.#options;
    const fastDecoder = DECODERS[event];
    const pending = this.#pending.get(nameOf(place)) ?? (await this.#begin(place));
    let last: Arrived | null = null;
    for (const message of messages) {
      const { offsetNumber: offset, arrivedMs, bytes, valueStart: start, valueLength: length } = message;
      if (offset < pending.next) continue;
      if (offset > pending.next) break;
      if (pending.next === pending.from) Object.assign(pending, { arrivedFrom: arrivedMs, sinceMs: nowMs });
      const end = start + length;
      if (fastDecoder.read(bytes, start, end, arrivedMs)) {
        pending.range.addBytes(bytes, fastDecoder, end, arrivedMs, offset, length);
      } else {
        const decoded = decodeEvent(length < 0 ? null : bytes.subarray(start, end), event, arrivedMs);
        if (decoded.ok) pending.range.add(decoded.click, decoded.annotations, arrivedMs, offset, length);
        else pending.rejected.set(decoded.reason, (pending.rejected.get(decoded.reason) ?? 0) + 1);
      }
      pending.arrivedTo = arrivedMs;
      pending.next = offset + 1;
      last = message;
    }
    if (last !== null) pending.last = fingerprintOfArrived(last);
    return pending.next;
  }

  /** The next expected offset of a partition, and the message before it; null: not on record. */
  async position(place: TopicPartition): Promise<{ next: number; last: MessageFingerprint | null }> {
    const { next, last } = this.#pending.get(nameOf(place)) ?? (await this.#begin(place));
    return { next, last };
  }

  /** Partitions whose range is large enough, old enough, or reaches a requested cut. */
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

  /** Starts writing the pending range of a partition, if any; the previous write must have been awaited. */
  flush(place: TopicPartition): void {
    const pending = this.#pending.get(nameOf(place));
    if (pending === undefined || pending.next === pending.from) return;
    if (this.#writing !== null) throw new Error('one range is written at a time');
    this.#pending.delete(nameOf(place));
    const writing: Writing = {
      place,
      to: pending.next,
      last: pending.last,
      flushed: this.#write(pending),
      ended: false,
    };
    this.#writing = writing;
    const end = (): void => {
      writing.ended = true;
    };
    // A failure is reported to the caller that awaits it.
    writing.flushed.then(end, end);
  }

  /** Whether a write has ended and its result was not read yet. */
  get hasFlushed(): boolean {
    return this.#writing?.ended ?? false;
  }

  /** Waits for the range being written. Messages after a range that is not ours are dropped. */
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
    const { place, from, next: to, arrivedFrom: arrived_from, arrivedTo: arrived_to, last, range } = pending;
    const generation = this.#generation;
    const rejected = [...pending.rejected.values()].reduce((sum, count) => sum + count, 0);
    const facts = { ...place, from, to, rejected, arrived_from, arrived_to, ...(last && { last }) };
    const written = await writeRange(archiveDir, facts, range, () => generation === this.#generation);
    await range.close();
    if (written.outcome === 'dropped') return null;
    if (written.outcome === 'archived') {
      onArchived(written.manifest, pending.rejected);
      return { place, ours: true, readOn: to };
    }
    const end = chainEnd(archiveDir, place.topic, place.partition) ?? from;
    log.warn({ ...place, from, to, end }, 'another process archives this partition');
    return { place, ours: false, readOn: end };
  }

  async #begin(place: TopicPartition): Promise<Pending> {
    const { archiveDir } = this.#options;
    const { from, last } = await this.#endOf(place);
    const range = new RangeBuffer(archiveDir, nameOf(place));
    const begun = { place, from, next: from, rejected: new Map(), arrivedFrom: 0, arrivedTo: 0, sinceMs: 0 };
    const pending: Pending = { ...begun, last, range };
    this.#pending.set(nameOf(place), pending);
    return pending;
  }

  /** Where a range of the partition begins, and the message before it. */
  async #endOf(place: TopicPartition): Promise<{ from: number; last: MessageFingerprint | null }> {
    const written = this.#writing;
    if (written !== null && nameOf(written.place) === nameOf(place)) return { from: written.to, last: written.last };
    const { archiveDir, firstOffset } = this.#options;
    const manifest = lastManifest(archiveDir, place.topic, place.partition);
    return manifest === null
      ? { from: await firstOffset(place), last: null }
      : { from: manifest.to, last: manifest.last ?? null };
  }
}
