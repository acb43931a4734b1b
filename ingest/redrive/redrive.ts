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

/** How many are brought on record at a time. */
const MAX_CHUNK = 5_000;
/** How many are sent at a time: also if all of them are as long as a click may be, the broker takes them (1 MiB). */
const MAX_SEND = 1_000;
/** What the sink was waited for is asked about once more if it took longer; far below any dedupe window in use. */
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
  /** Where clicks are sent to, and the group of the sink that counts them from there. */
  clicksTopic: string;
  sinkGroup: string;
}

interface RedriveOptions {
  /** Only what was rejected for this. */
  reason?: RejectReason;
  /** "More than a day ahead" is judged by it. */
  nowMs: number;
  /** Told in words how far things are. */
  report(progress: string): void;
}

export interface RedriveResult {
  /** Clicks that were sent now. */
  sent: number;
  /** Clicks that a killed re-drive had sent without recording it; they were not sent again. */
  found_sent: number;
  /** Rejections that an earlier re-drive had settled. */
  settled_before: number;
  /** Rejections that agree in every field with another one that was re-driven: one click. */
  copies: number;
  /** What is no click by today's rules either: reason by today's rules → how many. */
  still_rejected: Partial<Record<RejectReason, number>>;
}

/**
 * Sends rejected lines and messages that are clicks by the rules of today, each once, whatever is killed when.
 *
 * The sink forgets a click after DEDUPE_WINDOW, and transactions would leave control records in its topic, so what was
 * sent is on record: 'sending' before, 'sent' after. What was left at 'sending' is looked for among the clicks that the
 * sink has met once it has passed the end of the topic, and only what is not there is sent. A message that a killed
 * re-drive had just handed to the network might come in even after that look; then both come within seconds of each
 * other, and the sink drops the second as it drops any copy.
 *
 * One re-drive works at a time. The kernel drops the lock when its holder ends and keeps it while its holder is paused,
 * so none is stale and no zombie wakes up without it. It is the lock of one machine: for others there is the record.
 * Each re-drive writes its intent and then looks for rows of others, so of two at once at least one sees the other and
 * ends before it sends.
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
  /** Begun by a killed re-drive and settled by this one. */
  readonly #finished = new Set<string>();
  #looked = 0;
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
    // Before anything else is read of the record: what is added by others from here on is seen.
    this.#others = await this.#record.others();
    await this.#settleBegun();
    const settled = await this.#record.settled();
    await readRejections(this.#engines, rejectedTopic, async (rejections) => {
      for (const rejection of rejections) {
        this.#take(rejection, settled);
        if (this.#chunk.length + this.#copies.length >= MAX_CHUNK) await this.#send();
      }
      this.#looked += rejections.length;
      this.#options.report(`${this.#looked} rejected ones looked at, ${this.#result.sent} sent`);
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

  /** Finishes what killed re-drives had begun, whatever they were asked for. */
  async #settleBegun(): Promise<void> {
    const { length } = await this.#record.begun();
    if (length === 0) return;
    this.#options.report(`${length} clicks of a re-drive that did not end: looking for them among those counted`);
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

  /** Returns when the sink has counted all that was on the topic a moment ago. */
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

  /** Returns with the places they got. A failure leaves them at 'sending': the next re-drive looks for them. */
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
