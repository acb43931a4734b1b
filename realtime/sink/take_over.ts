import xxhash from 'xxhash-wasm';
import { DedupeMemory } from '../../domain/click/dedupe.ts';
import { topicPartition } from '../../domain/names.ts';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import { type Admin, committedOffsets, type Producer } from '../../infra/clients/kafka.ts';
import type { Log } from '../../infra/log.ts';
import { buildBlock } from './block.ts';
import type { Commits } from './commits.ts';
import { decodeProgress, type Progress } from './intent.ts';
import type { GroupMembership } from './membership.ts';
import type { SinkMetrics } from './metrics.ts';
import { PartitionWriter } from './partition_writer.ts';
import type { SinkPause } from './pause.ts';
import { sendRejected } from './rejected.ts';
import { fillMemory, insertBlock, lastStoredOffset } from './store.ts';

/** Shared by all partitions of a process. */
interface TakeOverParts {
  admin: Admin;
  clickhouse: ClickHouseClient;
  producer: Producer;
  rejectedTopic: string;
  groupId: string;
  dedupeWindowMs: number;
  membership: GroupMembership;
  commits: Commits;
  sinkPause: SinkPause;
  metrics: SinkMetrics;
  log: Log;
}

interface Assignment {
  topic: string;
  partition: number;
  rowsOfBlock: number;
  epoch: number;
}

type TakeOver = (assignment: Assignment) => Promise<PartitionWriter>;

/**
 * Creates the writer of an assigned partition, which resumes where the last owner, who may have been killed, stopped.
 */
export async function takingOver(parts: TakeOverParts): Promise<TakeOver> {
  const { clickhouse, commits, sinkPause, log } = parts;
  const { h64Raw } = await xxhash();

  return async ({ topic, partition, rowsOfBlock, epoch }) => {
    const name = topicPartition(topic, partition);
    const progress = await lastProgress(parts, topic, partition);
    // Refreshed here, since the last state may predate a pause that the former owner has acknowledged.
    await sinkPause.refresh();
    let rememberedAt = sinkPause.exchanged;
    let memory = await rebuildMemory(parts, name, progress.offset, progress.arrivedMs);
    let acknowledged: unknown = null;
    log.info({ topic, partition, ...progress, remembered: memory.size }, 'partition taken over');
    return new PartitionWriter(progress, rowsOfBlock, {
      owned: () => parts.membership.owns(epoch),
      commit: (next) => commits.commit(topic, partition, next),
      paused: () => sinkPause.pause !== null,
      acknowledgePause: async (offset) => {
        const { pause } = sinkPause;
        if (pause === null || pause === acknowledged) return;
        await sinkPause.acknowledge(pause, name, offset);
        acknowledged = pause;
      },
      build: async (messages) => {
        if (rememberedAt !== sinkPause.exchanged) {
          rememberedAt = sinkPause.exchanged;
          const [first] = messages;
          memory = await rebuildMemory(parts, name, Number(first?.offset), Number(first?.arrivedMs));
        }
        return buildBlock(messages, name, memory, h64Raw);
      },
      insert: async (block) => {
        await insertBlock(clickhouse, name, block);
        parts.metrics.written(block);
      },
      reject: (block) => sendRejected(parts.producer, parts.rejectedTopic, name, block.rejected),
      log,
    });
  };
}

async function lastProgress(parts: TakeOverParts, topic: string, partition: number): Promise<Progress> {
  const { admin, groupId } = parts;
  // A commit from an earlier epoch that is still in flight could land after this read.
  await parts.commits.allSettled();
  const committed = (await committedOffsets(admin, groupId, topic)).get(partition);
  const progress = decodeProgress(committed?.offset ?? 0, committed?.metadata ?? '');
  const name = topicPartition(topic, partition);
  const stored = await lastStoredOffset(parts.clickhouse, name);
  if (stored >= (progress.pending ?? progress.offset)) {
    throw new Error(
      `${name}: ClickHouse holds offset ${stored}, beyond what group ${groupId} has committed (${progress.offset}). ` +
        'Were the group or the topic reset? Counting on would double clicks; replay the real-time tables instead.',
    );
  }
  return progress;
}

/** The dedupe memory at this offset, rebuilt from the rows stored below it. */
async function rebuildMemory(
  { clickhouse, dedupeWindowMs }: TakeOverParts,
  name: string,
  offset: number,
  arrivedMs: number | null,
): Promise<DedupeMemory> {
  const memory = new DedupeMemory(dedupeWindowMs);
  if (arrivedMs === null || dedupeWindowMs === 0) return memory;
  const arrivedAfterMs = Math.max(0, arrivedMs - 1.25 * dedupeWindowMs);
  await fillMemory(clickhouse, memory, { topicPartition: name, offset, arrivedAfterMs });
  return memory;
}
