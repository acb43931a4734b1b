import { z } from 'zod';
import { count } from '../../domain/fields.ts';
import { topicPartition } from '../../domain/names.ts';
import { topicOfGeneration } from '../../domain/partition_names.ts';
import { iso } from '../../domain/time.ts';
import { type ClickHouseClient, rowsOf } from '../../infra/clients/clickhouse.ts';
import { type Admin, committedOffsets, createReader, type Kafka } from '../../infra/clients/kafka.ts';
import { readPartitionNames, renamePartition } from '../../infra/register/partition_names.ts';
import type { Register } from '../../infra/register/register.ts';
import { refuseWhileRestoring } from '../../infra/restored.ts';
import { sql } from '../../infra/sql.ts';
import { withTimeout } from '../../infra/with_timeout.ts';
import { decodeProgress } from '../sink/intent.ts';
import { lastStored } from '../sink/store.ts';
import { firstUncounted } from './first_uncounted.ts';

const NEAR_SQL = sql('clickhouse/queries/rename_stored_near.sql');
const near = z
  .object({ offset: count, arrived_ms: z.int() })
  .transform(({ offset, arrived_ms }) => ({ offset, arrivedMs: arrived_ms }));

const READ_LIMIT_MS = 30_000;

interface RenameEngines {
  kafka: Kafka;
  admin: Admin;
  clickhouse: ClickHouseClient;
  register: Register;
  sinkGroup: string;
}

/** How a partition goes on. Offsets are those of Kafka. */
export interface RenamePlan {
  topic: string;
  partition: number;
  /** The name that it has now, and the next one. */
  name: string;
  next: string;
  generation: number;
  /** Messages `[low, high)` are in Kafka; those below `counted` were counted, as far as they are still the same. */
  low: number;
  high: number;
  counted: number;
  /** The first message that is counted under the new name. */
  from: number;
}

/** Finds the first message of a partition in Kafka that was not counted in real time. */
export async function planRename(engines: RenameEngines, topic: string, partition: number): Promise<RenamePlan> {
  const { kafka, admin, clickhouse, register, sinkGroup } = engines;
  await refuseWhileRestoring(clickhouse);
  const offsets = (await admin.fetchTopicOffsets(topic)).find((entry) => entry.partition === partition);
  if (offsets === undefined) throw new Error(`${topic} has no partition ${partition}`);
  const [low, high] = [Number(offsets.low), Number(offsets.high)];
  const { name, generation } = (await readPartitionNames(register)).of(topic, partition);
  const committed = (await committedOffsets(admin, sinkGroup, topic)).get(partition);
  const progress = decodeProgress(committed?.offset ?? 0, committed?.metadata ?? '');
  const reached = progress.generation === generation ? (progress.pending ?? progress.offset) : 0;
  const counted = Math.max(reached, (await lastStored(clickhouse, name)).offset + 1);
  const reader = await openReader(kafka, topic, partition);
  try {
    const from = await firstUncounted(
      { low, high, counted },
      {
        storedNear: async (middle, from, to) =>
          (await rowsOf(clickhouse, near, NEAR_SQL, { topic_partition: name, middle, from, to }))[0] ?? null,
        arrivalInKafka: (offset) => reader.arrivalOf(offset),
      },
    );
    const next = topicPartition(topicOfGeneration(topic, generation + 1), partition);
    return { topic, partition, name, next, generation, low, high, counted, from };
  } finally {
    await reader.close();
  }
}

/** Gives the partition its new name. Sink and archive take it up within a minute, by starting again. */
export async function rename(
  { register }: Pick<RenameEngines, 'register'>,
  plan: RenamePlan,
  { reason, requestedBy, nowMs }: { reason: string; requestedBy: string; nowMs: number },
): Promise<void> {
  const entry = { from: plan.from, reason, requested_by: requestedBy, at: iso(nowMs) };
  if ((await renamePartition(register, plan, entry)) === 'taken') {
    throw new Error(`somebody else has just given ${plan.name} a new name: look with "./clickledger status"`);
  }
}

/** Reads single messages of a partition. */
async function openReader(kafka: Kafka, topic: string, partition: number) {
  const consumer = createReader(kafka, 'clickledger-continue');
  let wanted: { offset: number; found(arrivedMs: number): void } | null = null;
  const ready = new Promise<void>((resolve) => consumer.on(consumer.events.GROUP_JOIN, () => resolve()));
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    eachBatch: async ({ batch }) => {
      const message = batch.messages.find(({ offset }) => Number(offset) === wanted?.offset);
      if (batch.partition === partition && message) wanted?.found(Number(message.timestamp));
    },
  });
  await ready;
  return {
    arrivalOf(offset: number): Promise<number> {
      const read = new Promise<number>((found) => {
        wanted = { offset, found };
        consumer.seek({ topic, partition, offset: String(offset) });
      });
      return withTimeout(read, READ_LIMIT_MS, () => {
        throw new Error(`Kafka did not give message ${offset} of ${topicPartition(topic, partition)}`);
      });
    },
    close: () => consumer.disconnect(),
  };
}
