import { CompressionTypes } from 'kafkajs';
import { type AdMinute, encodeMessage, realtimePartitions } from '../domain/ad_minutes.ts';
import { dayOf } from '../domain/time.ts';
import { countedMessages } from '../domain/tops.ts';
import { boundaryOf, type PartitionProgress, watermark } from '../domain/watermark.ts';
import type { ClickHouseClient } from '../infra/clients/clickhouse.ts';
import { type Admin, committedOffsetsOf, endOffsetsOf, type Producer } from '../infra/clients/kafka.ts';
import { sql } from '../infra/sql.ts';
import { decodeProgress } from './intent.ts';
import type { Published } from './progress.ts';
import type { Tops } from './tops.ts';

const CLOSED_SQL = sql('clickhouse/queries/publisher_closed_minutes.sql');
const REOPENED_SQL = sql('clickhouse/queries/publisher_reopened_minutes.sql');

const ROWS_PER_MESSAGE = 1_000;
const ROWS_PER_SEND = 20_000;

export interface PublisherPorts {
  admin: Admin;
  producer: Producer;
  clickhouse: ClickHouseClient;
  clicksTopics: string[];
  sinkGroup: string;
  adMinutesTopic: string;
  adMinutesPartitions: number;
  allowedLatenessMs: number;
  tops: Pick<Tops, 'publish'>;
}

/** How far the sink has come, read from Kafka: committed offsets, and the watermark that follows from them. */
async function readSink(
  ports: Pick<PublisherPorts, 'admin' | 'clicksTopics' | 'sinkGroup' | 'allowedLatenessMs'>,
): Promise<{ offsets: Map<string, number>; watermarkMs: number | null }> {
  // The clock is read first: what is appended after that cannot have arrived before it.
  const nowMs = Date.now();
  const ends = await endOffsetsOf(ports.admin, ports.clicksTopics);
  const committed = await committedOffsetsOf(ports.admin, ports.sinkGroup, ports.clicksTopics);
  const offsets = new Map<string, number>();
  const partitions: PartitionProgress[] = [];
  for (const [topicPartition, end] of ends) {
    const entry = committed.get(topicPartition);
    const { offset, arrivedMs } = decodeProgress(entry?.offset ?? 0, entry?.metadata ?? '');
    offsets.set(topicPartition, offset);
    partitions.push({ caughtUp: offset >= end, arrivedMs });
  }
  return { offsets, watermarkMs: watermark(partitions, nowMs, ports.allowedLatenessMs) };
}

/**
 * One step: sends the counts of minutes that closed since the last step, and of closed minutes that more clicks came
 * for; then says up to where everything was sent. Counts are absolute, so a step that is repeated, because the process
 * was killed before the caller remembered it, changes nothing.
 * @returns `last` itself if nothing changed
 */
export async function publishStep(ports: PublisherPorts, last: Published): Promise<Published> {
  const { offsets: counted, watermarkMs } = await readSink(ports);
  // Partitions of a region that has left stay as they were: what was counted never becomes less.
  const offsets = new Map([...last.offsets, ...counted]);
  if (watermarkMs === null) return last;
  const boundaryMs = Math.max(boundaryOf(watermarkMs), last.boundaryMs ?? 0);
  // At the first step nothing was published: every closed minute is one that clicks came for since.
  const closedFromMs = last.boundaryMs ?? boundaryMs;
  const outbox = new Outbox(ports);
  const changed = new Set<number>();
  for (const [topic_partition, to] of offsets) {
    const from = last.offsets.get(topic_partition) ?? 0;
    if (to <= from) continue;
    const params = { topic_partition, from_offset: from, to_offset: to, before: closedFromMs };
    for await (const row of readMinutes(ports.clickhouse, REOPENED_SQL, params)) {
      changed.add(row[0]);
      await outbox.add(row);
    }
  }
  if (boundaryMs > closedFromMs) {
    const params = { closed_from: closedFromMs, closed_to: boundaryMs };
    for await (const row of readMinutes(ports.clickhouse, CLOSED_SQL, params)) await outbox.add(row);
  }
  await outbox.flush();
  await announce(ports, boundaryMs, watermarkMs);
  await ports.tops.publish({ changed, closedFromMs, boundaryMs, watermarkMs, version: countedMessages(offsets) });
  if (boundaryMs === last.boundaryMs && same(offsets, last.offsets)) return last;
  return { version: last.version + 1, offsets, boundaryMs };
}

/** Sent when all rows are acknowledged, to each partition: behind it, none of the minutes before it is missing. */
async function announce(ports: PublisherPorts, boundaryMs: number, watermarkMs: number): Promise<void> {
  const value = encodeMessage({ kind: 'closed-to', boundaryMs, watermarkMs });
  const messages = realtimePartitions(ports.adMinutesPartitions).map((partition) => ({ partition, value }));
  await ports.producer.send({ topic: ports.adMinutesTopic, acks: -1, messages });
}

async function* readMinutes(
  clickhouse: ClickHouseClient,
  query: string,
  query_params: Record<string, unknown>,
): AsyncGenerator<AdMinute> {
  const result = await clickhouse.query({ query, query_params, format: 'JSONCompactEachRow' });
  for await (const batch of result.stream<AdMinute>()) {
    for (const row of batch) yield row.json();
  }
}

/** Gathers rows into messages of one day each; of a back-fill over very many days each has a few rows. */
class Outbox {
  readonly #ports: PublisherPorts;
  readonly #days = new Map<string, AdMinute[]>();
  #rows = 0;
  #next = 0;

  constructor(ports: PublisherPorts) {
    this.#ports = ports;
  }

  async add(row: AdMinute): Promise<void> {
    const day = dayOf(row[0]);
    const rows = this.#days.get(day);
    if (rows) rows.push(row);
    else this.#days.set(day, [row]);
    this.#rows += 1;
    if (this.#rows >= ROWS_PER_SEND) await this.flush();
  }

  async flush(): Promise<void> {
    const messages = [...this.#days].flatMap(([day, rows]) => this.#messagesOf(day, rows));
    this.#days.clear();
    this.#rows = 0;
    if (messages.length === 0) return;
    const { producer, adMinutesTopic } = this.#ports;
    await producer.send({ topic: adMinutesTopic, acks: -1, compression: CompressionTypes.GZIP, messages });
  }

  #messagesOf(day: string, rows: AdMinute[]): { partition: number; value: string }[] {
    const partitions = realtimePartitions(this.#ports.adMinutesPartitions);
    const messages: { partition: number; value: string }[] = [];
    for (let from = 0; from < rows.length; from += ROWS_PER_MESSAGE) {
      const partition = partitions[this.#next++ % partitions.length] as number;
      const some = rows.slice(from, from + ROWS_PER_MESSAGE);
      messages.push({ partition, value: encodeMessage({ kind: 'minutes', day, source: 'rt', rows: some }) });
    }
    return messages;
  }
}

const same = (a: Map<string, number>, b: Map<string, number>): boolean =>
  a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
