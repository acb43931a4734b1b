import { type Annotations, NO_ANNOTATIONS } from '../../domain/click/annotations.ts';
import type { RejectReason } from '../../domain/click/click.ts';
import { partitionOf } from '../../domain/click/partition.ts';
import { encodeEvent } from '../../domain/click/wire.ts';
import { type EventKind, PLURAL } from '../../domain/event_kinds.ts';
import { topicPartition } from '../../domain/names.ts';
import type { RedriveResult } from '../../domain/run_request.ts';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import { committedOffsets, endOffsets, type Producer } from '../../infra/clients/kafka.ts';
import { tryLock } from '../../infra/lock.mjs';
import { waitUntil } from '../../infra/wait.ts';
import type { AnnotationReaders } from '../annotation_readers.ts';
import { type Redriven, RedriveRecord, type Sent, Settled } from './record.ts';
import { judge, type Rejection } from './rejection.ts';
import { type RejectedSource, readRejections } from './topic.ts';

/** Events recorded at a time. */
const MAX_CHUNK = 5_000;
/** Events sent at a time: fits into the broker's 1 MiB limit even if all have the maximum length. */
const MAX_SEND = 500;
/** If waiting for the sink took longer, its lag is read again; far below any dedupe window in use. */
const SOON_MS = 30_000;

interface RedriveEngines extends RejectedSource {
  /** Idempotent (see connectProducer). */
  producer: Pick<Producer, 'send'>;
  /** The tables of a kind. */
  clickHouseOf(event: EventKind): ClickHouseClient;
  /** Whether events may be sent with their annotations. */
  annotations: Pick<AnnotationReaders, 'canAnnotate' | 'beforeSend'>;
}

/** The topic that events of a kind are sent to, and the group of the sink that counts them. */
interface Destination {
  event: EventKind;
  topic: string;
  sinkGroup: string;
}

interface RedrivePlaces {
  brokers: string[];
  rejectedTopic: string;
  /** One for each kind that is run. */
  destinations: Destination[];
}

interface RedriveOptions {
  /** Only rejections with this reason. */
  reason?: RejectReason;
  /** The time for judging "more than a day ahead". */
  nowMs: number;
  /** Receives progress messages. */
  report(progress: string): void;
}

/**
 * Sends rejected lines and messages that are valid events by the current rules, each once and to the topic of its kind,
 * whatever is killed when.
 *
 * The sink forgets an event after DEDUPE_WINDOW, and transactions would leave control records in its topic, so sends are
 * recorded: 'sending' before, 'sent' after. Events left at 'sending' are searched for in ClickHouse once the sink has
 * passed the end of the topic, and only those not found are sent. A message that a killed re-drive had just handed to
 * the network might arrive even after that search; then both arrive within seconds of each other, and the sink drops
 * the second as a duplicate.
 *
 * Only one re-drive runs at a time. The kernel releases the lock when its holder ends and keeps it while its holder is
 * paused, so no lock is stale and no zombie wakes up without it. The lock covers one machine; across machines the
 * record does: each re-drive writes its intent and then checks for rows of others, so of two at once at least one sees
 * the other and ends before it sends.
 */
export async function redrive(
  engines: RedriveEngines,
  places: RedrivePlaces,
  options: RedriveOptions,
): Promise<RedriveResult> {
  const unlock = await tryLock(`redrive ${places.rejectedTopic} of ${places.brokers.join()}`);
  if (!unlock) throw new Error('another re-drive is at work: only one can be at a time');
  try {
    return await new Redrive(engines, places, options).run();
  } finally {
    await unlock();
  }
}

class Redrive {
  readonly #engines: RedriveEngines;
  readonly #places: RedrivePlaces;
  readonly #options: RedriveOptions;
  readonly #result: RedriveResult = {
    sent: 0,
    found_sent: 0,
    settled_before: 0,
    copies: 0,
    annotations_left_out: 0,
    not_run: 0,
    still_rejected: {},
  };
  readonly #kinds = new Map<EventKind, KindRedrive>();

  constructor(engines: RedriveEngines, places: RedrivePlaces, options: RedriveOptions) {
    this.#engines = engines;
    this.#places = places;
    this.#options = options;
    for (const destination of places.destinations) {
      const record = new RedriveRecord(engines.clickHouseOf(destination.event), places.rejectedTopic);
      this.#kinds.set(destination.event, new KindRedrive(engines, destination, record, this.#result, options.report));
    }
  }

  async run(): Promise<RedriveResult> {
    for (const kind of this.#kinds.values()) await kind.begin();
    let readCount = 0;
    await readRejections(this.#engines, this.#places.rejectedTopic, async (rejections) => {
      for (const rejection of rejections) {
        this.#take(rejection);
        for (const kind of this.#kinds.values()) await kind.sendIfMany();
      }
      readCount += rejections.length;
      this.#options.report(`${readCount} rejections read, ${this.#result.sent} sent`);
    });
    for (const kind of this.#kinds.values()) await kind.send();
    return this.#result;
  }

  #take(rejection: Rejection): void {
    const { reason: wanted, nowMs } = this.#options;
    if (wanted !== undefined && rejection.reason !== wanted) return;
    const settled = [...this.#kinds.values()].find((kind) => kind.hasSettled(rejection));
    if (settled !== undefined) {
      if (!settled.hasFinished(rejection)) this.#result.settled_before++;
      return;
    }
    const judged = judge(rejection, nowMs);
    if (!judged.ok) {
      this.#result.still_rejected[judged.reason] = (this.#result.still_rejected[judged.reason] ?? 0) + 1;
      return;
    }
    const kind = this.#kinds.get(judged.event);
    if (kind === undefined) this.#result.not_run++;
    else kind.take(rejection, judged);
  }
}

/** What is sent of one kind. What it has sent before is on record in the kind's own table: a copy is one within its kind. */
class KindRedrive {
  readonly #engines: RedriveEngines;
  readonly #to: Destination;
  readonly #record: RedriveRecord;
  readonly #result: RedriveResult;
  readonly #report: (progress: string) => void;
  #chunk: Redriven[] = [];
  #copies: Redriven[] = [];
  #settled = new Settled();
  /** Started by a killed re-drive and settled by this one. */
  readonly #finished = new Set<string>();
  #others = 0;
  #partitions = 0;

  /** @param result of all kinds: what is done here is added to it */
  constructor(
    engines: RedriveEngines,
    to: Destination,
    record: RedriveRecord,
    result: RedriveResult,
    report: (progress: string) => void,
  ) {
    this.#engines = engines;
    this.#to = to;
    this.#record = record;
    this.#result = result;
    this.#report = report;
  }

  /** Finishes what killed re-drives had started, whatever their options were, and reads what is settled. */
  async begin(): Promise<void> {
    this.#partitions = (await endOffsets(this.#engines.admin, this.#to.topic)).size;
    // Read before the rest of the record, so that rows added by others from here on are detected.
    this.#others = await this.#record.others();
    await this.#settleBegun();
    this.#settled = await this.#record.settled();
  }

  hasSettled = (rejection: Rejection): boolean => this.#settled.has(rejection);
  hasFinished = ({ key }: Rejection): boolean => this.#finished.has(key);

  take(rejection: Rejection, { click, annotations }: Pick<Redriven, 'click' | 'annotations'>): void {
    const { key, reason } = rejection;
    const taken = { rejection: key, reason, click, annotations };
    (this.#settled.hasCopyOf(rejection, click) ? this.#copies : this.#chunk).push(taken);
    this.#settled.add(key, click, null);
  }

  async sendIfMany(): Promise<void> {
    if (this.#chunk.length + this.#copies.length >= MAX_CHUNK) await this.send();
  }

  async #settleBegun(): Promise<void> {
    const { length } = await this.#record.begun();
    if (length === 0) return;
    const what = PLURAL[this.#to.event];
    this.#report(`${length} ${what} of an unfinished re-drive: searching for them among the counted ones`);
    await this.#sinkCaughtUp();
    const begun = await this.#record.begun();
    const arrived = begun.filter(({ at }) => at !== null);
    await this.#record.add('sent', arrived);
    this.#result.found_sent += arrived.length;
    for (const { rejection } of arrived) this.#finished.add(rejection);
    for (const { rejection, reason, click, annotations } of begun.filter(({ at }) => at === null)) {
      this.#chunk.push({ rejection, reason, click, annotations });
      this.#finished.add(rejection);
      await this.sendIfMany();
    }
    await this.send();
  }

  /** Resolves when the sink has counted everything that was on the topic at the time of the call. */
  async #sinkCaughtUp(): Promise<void> {
    const { admin } = this.#engines;
    const { topic, sinkGroup } = this.#to;
    for (let startMs = Number.NEGATIVE_INFINITY; performance.now() - startMs > SOON_MS; ) {
      startMs = performance.now();
      const ends = await endOffsets(admin, topic);
      const behind = async (): Promise<string | null> => {
        const counted = await committedOffsets(admin, sinkGroup, topic);
        let messages = 0;
        for (const [partition, end] of ends) messages += Math.max(0, end - (counted.get(partition)?.offset ?? 0));
        return messages === 0 ? null : `${messages} messages to go`;
      };
      await waitUntil('the sink (role realtime) to count what was sent', behind, { onProgress: this.#report });
    }
  }

  async send(): Promise<void> {
    const [chunk, copies] = [this.#chunk, this.#copies];
    [this.#chunk, this.#copies] = [[], []];
    if (chunk.length > 0) {
      await this.#record.add('sending', chunk);
      if ((await this.#record.others()) !== this.#others) {
        throw new Error('another re-drive has begun elsewhere: this one ends, run it again when the other has ended');
      }
      await this.#record.add('sent', await this.#produce(chunk));
      this.#result.sent += chunk.length;
    }
    await this.#record.add('copy', copies);
    this.#result.copies += copies.length;
  }

  #sendable(annotations: Annotations): Annotations {
    if (annotations.size === 0 || this.#engines.annotations.canAnnotate(this.#to.event)) return annotations;
    this.#result.annotations_left_out += annotations.size;
    return NO_ANNOTATIONS;
  }

  /**
   * Returns the events with their positions. A failure leaves them at 'sending': the next re-drive searches for them.
   */
  async #produce(chunk: Redriven[]): Promise<Sent[]> {
    const { event, topic } = this.#to;
    const sent: Sent[] = [];
    for (let from = 0; from < chunk.length; from += MAX_SEND) {
      const placed = chunk.slice(from, from + MAX_SEND).map((redriven) => ({
        redriven,
        partition: partitionOf(redriven.click.event_id, this.#partitions),
      }));
      const messages = placed.map(({ redriven: { click, annotations }, partition }) => ({
        key: click.ad_id,
        value: encodeEvent(event, click, this.#sendable(annotations)),
        partition,
      }));
      await this.#engines.annotations.beforeSend();
      const acknowledged = await this.#engines.producer.send({ topic, acks: -1, messages });
      const next = new Map(acknowledged.map(({ partition, baseOffset }) => [partition, Number(baseOffset)]));
      for (const { redriven, partition } of placed) {
        const topic_offset = next.get(partition) ?? Number.NaN;
        next.set(partition, topic_offset + 1);
        sent.push({ ...redriven, at: { topic_partition: topicPartition(topic, partition), topic_offset } });
      }
    }
    return sent;
  }
}
