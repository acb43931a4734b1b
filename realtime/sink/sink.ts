import { setTimeout as delay } from 'node:timers/promises';
import { ClickHouseError } from '@clickhouse/client';
import type { Registry } from 'prom-client';
import { topicPartition } from '../../domain/names.ts';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import {
  type Admin,
  createMember,
  type EachBatchPayload,
  type Kafka,
  MEMBERSHIP,
  messagesOf,
  type Producer,
  requireTopics,
  withHeartbeats,
} from '../../infra/clients/kafka.ts';
import type { Log } from '../../infra/log.ts';
import { repeat } from '../../infra/repeat.ts';
import type { Service } from '../../infra/role.ts';
import { TIMINGS } from '../../infra/timings.ts';
import { Commits } from './commits.ts';
import { GroupMembership } from './membership.ts';
import { SinkMetrics } from './metrics.ts';
import { blockRows, type PartitionWriter } from './partition_writer.ts';
import { SinkPause } from './pause.ts';
import { takingOver } from './take_over.ts';

const TICK_MS = 100;
/** Ticks between a partition's turns to write its waiting rows. */
const TURN_TICKS = 10;
/** Ticks between turns while too few rows wait to be worth an insert. */
const SMALL_TURN_TICKS = TIMINGS.smallBlockMs / TICK_MS;
const SMALL_ROWS = 50;
const PAUSED_POLL_MS = 250;

type Batch = Pick<EachBatchPayload['batch'], 'topic' | 'partition'>;

interface SinkOptions {
  kafka: Kafka;
  admin: Admin;
  producer: Producer;
  clickhouse: ClickHouseClient;
  topics: string[];
  rejectedTopic: string;
  groupId: string;
  dedupeWindowMs: number;
  log: Log;
  metrics: Registry;
  /** Called once for a failure that only a restart can fix. */
  onFailure(error: unknown): void;
}

/** Kafka → ads.clicks and its views, exactly once; see intent.ts and membership.ts for how. */
export async function startSink(options: SinkOptions): Promise<Service> {
  const { kafka, admin, clickhouse, topics, groupId, log, onFailure } = options;
  await requireTopics(admin, [...topics, options.rejectedTopic]);
  const consumer = createMember(kafka, { groupId, maxWaitMs: 250, onCrash: onFailure });
  const membership = new GroupMembership(consumer, MEMBERSHIP.sessionTimeout);
  const commits = new Commits();
  /** By topic and partition. */
  let writers = new Map<string, Promise<PartitionWriter>>();
  const ownsFirst = (): boolean => writers.has(topicPartition(topics[0] ?? '', 0));
  const sinkPause = new SinkPause(clickhouse, ownsFirst, log);
  const metrics = new SinkMetrics(options.metrics);
  const takeOver = await takingOver({ ...options, membership, commits, sinkPause, metrics });

  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    const epoch = membership.epoch;
    const assigned = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    );
    const rowsOfBlock = blockRows(assigned.length);
    writers = new Map(
      assigned.map(({ topic, partition }) => [
        topicPartition(topic, partition),
        takeOver({ topic, partition, rowsOfBlock, epoch }),
      ]),
    );
    for (const loading of writers.values()) loading.catch(onFailure);
  });

  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const epoch = membership.epoch;
    // Reading the dedupe memory of a busy window may take longer than a session.
    const loading = writers.get(topicPartition(batch.topic, batch.partition));
    const writer = await withHeartbeats(payload.heartbeat, Promise.resolve(loading));
    if (!writer || epoch !== membership.epoch) return;
    commits.setRequest(payload.commitOffsetsIfNecessary);
    const messages = messagesOf(batch);
    const next = messages.findIndex(({ offsetNumber }) => offsetNumber >= writer.expected);
    const first = messages[next];
    if (first && first.offsetNumber > writer.expected) await skipGap(writer, batch, first.offsetNumber);
    if (next >= 0) writer.append(messages.slice(next));
    payload.resolveOffset(batch.lastOffset());
    if (writer.isFull) {
      const resume = payload.pause();
      const resumeWhenRoom = async (): Promise<void> => {
        while (writer.isFull && epoch === membership.epoch) await delay(TICK_MS);
        resume();
      };
      resumeWhenRoom().catch(onFailure);
    }
  }

  async function skipGap(writer: PartitionWriter, { topic, partition }: Batch, found: number): Promise<void> {
    const offsets = await admin.fetchTopicOffsets(topic);
    const low = Number(offsets.find((entry) => entry.partition === partition)?.low ?? 0);
    if (low < found || writer.backlog > 0)
      throw new Error(`${topicPartition(topic, partition)}: expected ${writer.expected}, read ${found}`);
    log.error(
      { topic, partition, from: writer.expected, to: found },
      'messages expired in Kafka before they were counted',
    );
    writer.skipTo(found);
  }

  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 64,
    eachBatch,
  });

  let tick = 0;
  const timer = setInterval(() => {
    tick += 1;
    // Partitions take turns: if all inserted at once, ClickHouse would be slow for other queries.
    for (const [i, loading] of [...writers.values()].entries()) {
      const isTurn = (ticks: number): boolean => tick % ticks === i % ticks;
      loading
        .then((writer) => writer.flush(isTurn(writer.backlog < SMALL_ROWS ? SMALL_TURN_TICKS : TURN_TICKS)))
        .catch(onFailure);
    }
  }, TICK_MS);

  let polledMs = 0;
  const polls = repeat(PAUSED_POLL_MS, async () => {
    // A replay waits for the sink to follow its steps; without one, one poll per second is enough.
    if (sinkPause.pause === null && Date.now() - polledMs < TIMINGS.sinkPausePollMs) return;
    polledMs = Date.now();
    await sinkPause.refresh().catch((error) => {
      if (error instanceof ClickHouseError) onFailure(error);
      else log.warn({ err: error }, 'waiting for ClickHouse to report whether to pause');
    });
  });

  return {
    async stop() {
      clearInterval(timer);
      await polls.stop();
      await Promise.allSettled([...writers.values()].map(async (loading) => (await loading).idle));
      await consumer.disconnect();
    },
  };
}
