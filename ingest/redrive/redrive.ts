import type { RejectReason } from '../../domain/click/click.ts';
import { partitionOf } from '../../domain/click/partition.ts';
import { encodeClick } from '../../domain/click/wire.ts';
import { topicPartition } from '../../domain/names.ts';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import { type Admin, committedOffsets, endOffsets, type Kafka, type Producer } from '../../infra/clients/kafka.ts';
import { tryLock } from '../../infra/lock.mjs';
import { waitUntil } from '../../infra/wait.ts';
import { type Redriven, RedriveRecord, type Sent, type Settled } from './record.ts';
import { judge, type Rejection } from './rejection.ts';
import { readRejections } from './topic.ts';

/** Clicks recorded at a time. */
const MAX_CHUNK = 5_000;
/** Clicks sent at a time: fits into the broker's 1 MiB limit even if all have the maximum length. */
const MAX_SEND = 1_000;
/** If waiting for the sink took longer, its lag is read again; far below any dedupe window in use. */
const SOON_MS = 30_000;

interface RedriveEngines {
  kafka: Kafka;
  admin: Admin;
  /** Idempotent (see connectProducer). */
  producer: Pick<Producer, 'send'>;
  clickhouse: ClickHouseClient;
}

interface RedrivePlaces {
  brokers: string[];
  rejectedTopic: string;
  /** Topic that clicks are sent to, and the group of the sink that counts them. */
  clicksTopic: string;
  sinkGroup: string;
}

interface RedriveOptions {
  /** Only rejections with this reason. */
  reason?: RejectReason;
  /** The time for judging "more than a day ahead". */
  nowMs: number;
  /** Receives progress messages. */
  report(progress: string): void;
}

export interface RedriveResult {
  /** Clicks sent by this re-drive. */
  sent: number;
  /** Clicks that a killed re-drive had sent without recording it; they were not sent again. */
  found_sent: number;
  /** Rejections that an earlier re-drive had settled. */
  settled_before: number;
  /** Rejections that agree in every field with another one that was re-driven: one click. */
  copies: number;
  /** Still invalid: reason by the current rules → count. */
  still_rejected: Partial<Record<RejectReason, number>>;
}

/**
 * Sends rejected lines and messages that are valid clicks by the current rules, each once, whatever is killed when.
 *
 * The sink forgets a click after DEDUPE_WINDOW, and transactions would leave control records in its topic, so sends are
 * recorded: 'sending' before, 'sent' after. Clicks left at 'sending' are searched for in ClickHouse once the sink has
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
  readonly #record: RedriveRecord;
  readonly #result: RedriveResult = { sent: 0, found_sent: 0, settled_before: 0, copies: 0, still_rejected: {} };
  #chunk: Redriven[] = [];
  #copies: Redriven[] = [];
  /** Started by a killed re-drive and settled by this one. */
  readonly #finished = new Set<string>();
  #readCount = 0;
  #others = 0;
  #partitions = 0;

  constructor(engines: RedriveEngines, places: RedrivePlaces, options: RedriveOptions) {
    this.#engines = engines;
    this.#places = places;
    this.#options = options;
    this.#record = new RedriveRecord(engines.clickhouse, places.rejectedTopic);
  }

  async run(): Promise<RedriveResult> {
    const { rejectedTopic, clicksTopic } = this.#places;
    this.#partitions = (await endOffsets(this.#engines.admin, clicksTopic)).size;
    // Read before the rest of the record, so that rows added by others from here on are detected.
    this.#others = await this.#record.others();
    await this.#settleBegun();
    const settled = await this.#record.settled();
    await readRejections(this.#engines, rejectedTopic, async (rejections) => {
      for (const rejection of rejections) {
        this.#take(rejection, settled);
        if (this.#chunk.length + this.#copies.length >= MAX_CHUNK) await this.#send();
      }
      this.#readCount += rejections.length;
      this.#options.report(`${this.#readCount} rejections read, ${this.#result.sent} sent`);
    });
    await this.#send();
    return this.#result;
  }

  #take(rejection: Rejection, settled: Settled): void {
    const { key, reason } = rejection;
    const { reason: wanted, nowMs } = this.#options;
    if (wanted !== undefined && reason !== wanted) return;
    if (settled.has(rejection)) {
      if (!this.#finished.has(key)) this.#result.settled_before++;
      return;
    }
    const judged = judge(rejection, nowMs);
    if (!judged.ok) {
      this.#result.still_rejected[judged.reason] = (this.#result.still_rejected[judged.reason] ?? 0) + 1;
      return;
    }
    const { click } = judged;
    (settled.hasCopyOf(rejection, click) ? this.#copies : this.#chunk).push({ rejection: key, reason, click });
    settled.add(key, click, null);
  }

  /** Finishes what killed re-drives had started, whatever their options were. */
  async #settleBegun(): Promise<void> {
    const { length } = await this.#record.begun();
    if (length === 0) return;
    this.#options.report(`${length} clicks of an unfinished re-drive: searching for them among the counted ones`);
    await this.#sinkCaughtUp();
    const begun = await this.#record.begun();
    const arrived = begun.filter(({ at }) => at !== null);
    await this.#record.add('sent', arrived);
    this.#result.found_sent = arrived.length;
    for (const { rejection } of arrived) this.#finished.add(rejection);
    for (const { rejection, reason, click } of begun.filter(({ at }) => at === null)) {
      this.#chunk.push({ rejection, reason, click });
      this.#finished.add(rejection);
      if (this.#chunk.length >= MAX_CHUNK) await this.#send();
    }
    await this.#send();
  }

  /** Resolves when the sink has counted everything that was on the topic at the time of the call. */
  async #sinkCaughtUp(): Promise<void> {
    const { admin } = this.#engines;
    const { clicksTopic, sinkGroup } = this.#places;
    for (let startMs = 0; Date.now() - startMs > SOON_MS; ) {
      startMs = Date.now();
      const ends = await endOffsets(admin, clicksTopic);
      const behind = async (): Promise<string | null> => {
        const counted = await committedOffsets(admin, sinkGroup, clicksTopic);
        let messages = 0;
        for (const [partition, end] of ends) messages += Math.max(0, end - (counted.get(partition)?.offset ?? 0));
        return messages === 0 ? null : `${messages} messages to go`;
      };
      await waitUntil('the sink (role realtime) to count what was sent', behind, { onProgress: this.#options.report });
    }
  }

  async #send(): Promise<void> {
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

  /**
   * Returns the clicks with their positions. A failure leaves them at 'sending': the next re-drive searches for them.
   */
  async #produce(chunk: Redriven[]): Promise<Sent[]> {
    const { clicksTopic: topic } = this.#places;
    const sent: Sent[] = [];
    for (let from = 0; from < chunk.length; from += MAX_SEND) {
      const placed = chunk.slice(from, from + MAX_SEND).map((redriven) => ({
        redriven,
        partition: partitionOf(redriven.click.event_id, this.#partitions),
      }));
      const messages = placed.map(({ redriven: { click }, partition }) => ({
        key: click.ad_id,
        value: encodeClick(click),
        partition,
      }));
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
