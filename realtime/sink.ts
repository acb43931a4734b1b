import { setTimeout as delay } from 'node:timers/promises';
import { ClickHouseError } from '@clickhouse/client';
import type { Registry } from 'prom-client';
import { Counter } from 'prom-client';
import xxhash from 'xxhash-wasm';
import { DedupeMemory } from '../domain/dedupe.ts';
import { topicPartition } from '../domain/names.ts';
import type { ClickHouseClient } from '../infra/clients/clickhouse.ts';
import {
  type Admin,
  beating,
  committedOffsets,
  type EachBatchPayload,
  type Kafka,
  MEMBERSHIP,
  messagesOf,
  type Producer,
  requireTopics,
} from '../infra/clients/kafka.ts';
import type { Log } from '../infra/log.ts';
import { everyTick } from '../infra/loop.ts';
import type { Service } from '../infra/role.ts';
import { type Block, buildBlock } from './block.ts';
import { decodeProgress, encodeMetadata, type Progress } from './intent.ts';
import { Membership } from './membership.ts';
import { blockRows, PartitionWriter } from './partition_writer.ts';
import { sendRejected } from './rejected.ts';
import { Standstill } from './standstill.ts';
import { fillMemory, insertBlock, lastStoredOffset } from './store.ts';

const TICK_MS = 100;
const TICKS_PER_TURN = 10;
const LOOK_MS = 250;

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
  /** Called once for a failure that only a restart can mend. */
  onFailure(error: unknown): void;
}

/** Kafka → ads.clicks and its views, exactly once; see intent.ts and membership.ts for how. */
export async function startSink(options: SinkOptions): Promise<Service> {
  const { kafka, admin, clickhouse, topics, groupId, log, onFailure } = options;
  await requireTopics(admin, [...topics, options.rejectedTopic]);
  const { h64Raw } = await xxhash();
  const messagesTotal = new Counter({
    name: 'clickledger_sink_messages_total',
    help: 'Messages written by the sink, by what they were',
    labelNames: ['as'],
    registers: [options.metrics],
  });
  const fromFutureTotal = new Counter({
    name: 'clickledger_sink_clicks_from_future_total',
    help: 'Counted clicks that happened more than 10 minutes after they arrived: a clock is wrong',
    registers: [options.metrics],
  });
  const consumer = kafka.consumer({
    groupId,
    ...MEMBERSHIP,
    maxWaitTimeInMs: 250,
    retry: { restartOnFailure: async () => false },
  });
  const membership = new Membership(consumer, MEMBERSHIP.sessionTimeout);
  /** By topic and partition. */
  let writers = new Map<string, Promise<PartitionWriter>>();
  let commitRequest: EachBatchPayload['commitOffsetsIfNecessary'] | null = null;
  const commitsInFlight = new Set<Promise<void>>();
  const ownsFirst = (): boolean => writers.has(topicPartition(topics[0] ?? '', 0));
  const standstill = new Standstill(clickhouse, ownsFirst, log);
  let looking: Promise<void> = Promise.resolve();
  const look = (): Promise<void> => {
    looking = looking.catch(() => {}).then(() => standstill.look());
    return looking;
  };

  /** Straight to the broker: kafkajs's consumer.commitOffsets can return without having committed. */
  async function commit(topic: string, partition: number, progress: Progress): Promise<void> {
    if (!commitRequest) throw new Error('nothing was fetched yet, so there is nothing to commit');
    const entry = { partition, offset: String(progress.offset), metadata: encodeMetadata(progress) };
    const request = commitRequest({ topics: [{ topic, partitions: [entry] }] });
    commitsInFlight.add(request);
    try {
      await request;
    } finally {
      commitsInFlight.delete(request);
    }
  }

  async function loadWriter(
    topic: string,
    partition: number,
    rowsOfBlock: number,
    epoch: number,
  ): Promise<PartitionWriter> {
    // A commit of an earlier epoch that is still under way could land after it was read here.
    await Promise.allSettled(commitsInFlight);
    const committed = (await committedOffsets(admin, groupId, topic)).get(partition);
    const progress = decodeProgress(committed?.offset ?? 0, committed?.metadata ?? '');
    const name = topicPartition(topic, partition);
    const stored = await lastStoredOffset(clickhouse, name);
    if (stored >= (progress.pending ?? progress.offset)) {
      throw new Error(
        `${name}: ClickHouse holds offset ${stored}, beyond what group ${groupId} has committed (${progress.offset}). ` +
          'Were the group or the topic reset? Counting on would double clicks; replay the real-time tables instead.',
      );
    }
    // Asked for anew: what this process saw last may be from before a pause that the former owner has answered.
    await look();
    let rememberedAt = standstill.exchanged;
    let memory = await remember(name, progress.offset, progress.arrivedMs);
    let stoodFor: unknown = null;
    log.info({ topic, partition, ...progress, remembered: memory.size }, 'partition taken over');
    return new PartitionWriter(progress, rowsOfBlock, {
      owned: () => membership.owns(epoch),
      commit: (next) => commit(topic, partition, next),
      paused: () => standstill.pause !== null,
      stands: async (offset) => {
        const { pause } = standstill;
        if (pause === null || pause === stoodFor) return;
        await standstill.stands(pause, name, offset);
        stoodFor = pause;
      },
      build: async (messages) => {
        if (rememberedAt !== standstill.exchanged) {
          rememberedAt = standstill.exchanged;
          const [first] = messages;
          memory = await remember(name, Number(first?.offset), Number(first?.arrivedMs));
        }
        return buildBlock(messages, name, memory, h64Raw);
      },
      insert: async (block) => {
        await insertBlock(clickhouse, name, block);
        count(block);
      },
      reject: (block) => sendRejected(options.producer, options.rejectedTopic, name, block.rejected),
      log,
    });
  }

  /** What the sink would remember at this offset if it had stored all that is stored below it. */
  async function remember(name: string, offset: number, arrivedMs: number | null): Promise<DedupeMemory> {
    const memory = new DedupeMemory(options.dedupeWindowMs);
    if (arrivedMs === null || options.dedupeWindowMs === 0) return memory;
    const arrivedAfterMs = Math.max(0, arrivedMs - 1.25 * options.dedupeWindowMs);
    await fillMemory(clickhouse, memory, { topicPartition: name, offset, arrivedAfterMs });
    return memory;
  }

  function count(block: Block): void {
    messagesTotal.inc({ as: 'click' }, block.rows.count);
    messagesTotal.inc({ as: 'copy' }, block.copies.count);
    messagesTotal.inc({ as: 'rejected' }, block.rejected.length);
    fromFutureTotal.inc(block.fromFuture);
  }

  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    const epoch = membership.epoch;
    const assigned = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    );
    const rows = blockRows(assigned.length);
    writers = new Map(
      assigned.map(({ topic, partition }) => [
        topicPartition(topic, partition),
        loadWriter(topic, partition, rows, epoch),
      ]),
    );
    for (const loading of writers.values()) loading.catch(onFailure);
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => onFailure(payload.error));

  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const epoch = membership.epoch;
    // To read the memory of a busy window takes longer than a session lasts.
    const loading = writers.get(topicPartition(batch.topic, batch.partition));
    const writer = await beating(payload.heartbeat, Promise.resolve(loading));
    if (!writer || epoch !== membership.epoch) return;
    commitRequest = payload.commitOffsetsIfNecessary;
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
    // Partitions take turns, a second each: blocks that all came at once would hold up who asks ClickHouse then.
    for (const [i, loading] of [...writers.values()].entries()) {
      const isTurn = tick % TICKS_PER_TURN === i % TICKS_PER_TURN;
      loading.then((writer) => writer.flush(isTurn)).catch(onFailure);
    }
  }, TICK_MS);

  const looks = everyTick(LOOK_MS, () =>
    look().catch((error) => {
      if (error instanceof ClickHouseError) onFailure(error);
      else log.warn({ err: error }, 'waiting for ClickHouse to say whether to stand');
    }),
  );

  return {
    async stop() {
      clearInterval(timer);
      await looks.stop();
      await Promise.allSettled([...writers.values()].map(async (loading) => (await loading).idle));
      await consumer.disconnect();
    },
  };
}
