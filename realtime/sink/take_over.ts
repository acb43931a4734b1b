import xxhash from 'xxhash-wasm';
import { DedupeMemory, rememberedSinceMs } from '../../domain/click/dedupe.ts';
import type { EventKind } from '../../domain/event_kinds.ts';
import { committedOf, type PartitionNames } from '../../domain/partition_names.ts';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import { type Admin, Continuity, committedOffsets, endOffsets, type Producer } from '../../infra/clients/kafka.ts';
import type { Log } from '../../infra/log.ts';
import { readRawSinceMs } from '../../infra/raw_kept.ts';
import type { PartitionProblem } from '../../infra/register/partition_findings.ts';
import { buildBlock } from './block.ts';
import type { Commits } from './commits.ts';
import { decodeProgress, type Progress } from './intent.ts';
import type { GroupMembership } from './membership.ts';
import type { SinkMetrics } from './metrics.ts';
import { PartitionWriter } from './partition_writer.ts';
import type { SinkPause } from './pause.ts';
import { isTokenKnown, judgePending } from './pending.ts';
import { sendRejected } from './rejected.ts';
import { judgeStart } from './start.ts';
import { fillMemory, insertBlock, insertsNow, lastStored, storedInRange } from './store.ts';

/** Shared by all partitions of a process. */
interface TakeOverParts {
  event: EventKind;
  admin: Admin;
  clickhouse: ClickHouseClient;
  producer: Producer;
  rejectedTopic: string;
  names: PartitionNames;
  groupId: string;
  dedupeWindowMs: number;
  membership: GroupMembership;
  commits: Commits;
  sinkPause: SinkPause;
  metrics: SinkMetrics;
  /** The broker's clock: how old a row is decides what its absence means. */
  nowMs(): number;
  log: Log;
  /** Nothing of the partition is counted any more. */
  onStopped(name: string, problem: PartitionProblem): void;
}

interface Assignment {
  topic: string;
  partition: number;
  rowsOfBlock: number;
  epoch: number;
}

/** A partition of this process. */
export interface OwnedPartition {
  writer: PartitionWriter;
  /** Judges what is read for it. */
  continuity: Continuity;
}

type TakeOver = (assignment: Assignment) => Promise<OwnedPartition>;

/**
 * Creates the writer of an assigned partition, which resumes where the last owner, who may have been killed, stopped.
 */
export async function takingOver(parts: TakeOverParts): Promise<TakeOver> {
  const { clickhouse, commits, sinkPause, log } = parts;
  const { h64Raw } = await xxhash();
  const inserts = insertsAtMost(clickhouse, INSERTS_MAX_AGE_MS);

  return async ({ topic, partition, rowsOfBlock, epoch }) => {
    const { name } = parts.names.of(topic, partition);
    const { progress, problem } = await lastProgress(parts, topic, partition);
    // Refreshed here, since the last state may predate a pause that the former owner has acknowledged.
    await sinkPause.refresh();
    let rememberedAt = sinkPause.exchanged;
    const memoryAt = (offset: number, arrivedMs: number | null): Promise<DedupeMemory> =>
      rebuildMemory(parts, parts.names.all(topic, partition), offset, arrivedMs);
    let memory = await memoryAt(progress.offset, progress.arrivedMs);
    let acknowledged: unknown = null;
    log.info({ topic, partition, ...progress, remembered: memory.size }, 'partition taken over');
    const writer = new PartitionWriter(progress, rowsOfBlock, {
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
          memory = await memoryAt(Number(first?.offset), Number(first?.arrivedMs));
        }
        return buildBlock(messages, { event: parts.event, name }, memory, h64Raw);
      },
      inserts,
      judge: async (block, begun) => {
        const { from, to, rows, copies } = block;
        const stored = await storedInRange(clickhouse, name, { from, to });
        return judgePending(
          name,
          { from, to },
          stored,
          { clicks: rows.count, copies: copies.count },
          {
            isTokenKnown: isTokenKnown(begun.inserts, await insertsNow(clickhouse)),
            isRawKept: block.arrivedMs >= (await readRawSinceMs(clickhouse, parts.nowMs())),
          },
        );
      },
      insert: async (block) => {
        await insertBlock(clickhouse, name, block);
        parts.metrics.written(block);
      },
      reject: (block) => sendRejected(parts.producer, parts.rejectedTopic, name, block.rejected),
      stopped: (problem) => parts.onStopped(name, problem),
      log,
    });
    if (problem !== null) writer.stop(problem);
    return { writer, continuity: new Continuity(name, progress.offset, progress.before) };
  };
}

/** One reading serves all intents of this time: an older one only makes less certain what is repeated after it. */
const INSERTS_MAX_AGE_MS = 60_000;

function insertsAtMost(clickhouse: ClickHouseClient, maxAgeMs: number): () => Promise<number[]> {
  let [last, readMs]: [Promise<number[]> | null, number] = [null, 0];
  return () => {
    if (last !== null && performance.now() - readMs < maxAgeMs) return last;
    const reading = insertsNow(clickhouse);
    [last, readMs] = [reading, performance.now()];
    reading.catch(() => {
      if (last === reading) last = null;
    });
    return reading;
  };
}

/** What the last owner committed, and why it cannot be counted on from there; null: it can. */
async function lastProgress(
  parts: TakeOverParts,
  topic: string,
  partition: number,
): Promise<{ progress: Progress; problem: PartitionProblem | null }> {
  const { admin, groupId } = parts;
  // A commit from an earlier epoch that is still in flight could land after this read.
  await parts.commits.allSettled();
  const last = (await committedOffsets(admin, groupId, topic)).get(partition);
  const log = parts.names.of(topic, partition);
  const { name, generation } = log;
  const committed = committedOf(log, last);
  const progress = {
    ...decodeProgress(committed?.offset ?? 0, committed?.metadata ?? ''),
    generation,
  };
  // Nothing of the new log is stored, and copies of clicks of the old one are still copies.
  if (committed !== last) {
    progress.stored = -1;
    progress.arrivedMs =
      decodeProgress(0, last?.metadata ?? '').arrivedMs ??
      (await lastArrival(parts.clickhouse, parts.names.all(topic, partition)));
  }
  const end = (await endOffsets(admin, topic)).get(partition) ?? 0;
  const { offset: stored } = await lastStored(parts.clickhouse, name);
  const isRawKept = (progress.arrivedMs ?? 0) >= (await readRawSinceMs(parts.clickhouse, parts.nowMs()));
  return { progress, problem: judgeStart({ name, groupId }, progress, { end, stored, isRawKept }) };
}

/**
 * When the last stored message of a partition's logs arrived; null: nothing is stored. Kafka forgets what a group has
 * committed of a topic that is deleted.
 */
async function lastArrival(clickhouse: ClickHouseClient, logs: string[]): Promise<number | null> {
  for (const name of logs.toReversed()) {
    const { arrivedMs } = await lastStored(clickhouse, name);
    if (arrivedMs !== null) return arrivedMs;
  }
  return null;
}

/**
 * The dedupe memory at this offset, rebuilt from the rows stored below it.
 * @param logs of the partition, in order; the offset is one of the last
 */
async function rebuildMemory(
  { clickhouse, dedupeWindowMs }: TakeOverParts,
  logs: string[],
  offset: number,
  arrivedMs: number | null,
): Promise<DedupeMemory> {
  const memory = new DedupeMemory(dedupeWindowMs);
  if (arrivedMs === null || dedupeWindowMs === 0) return memory;
  const arrivedAfterMs = Math.max(0, rememberedSinceMs(arrivedMs, dedupeWindowMs));
  for (const [i, name] of logs.entries()) {
    const below = i === logs.length - 1 ? offset : Number.MAX_SAFE_INTEGER;
    await fillMemory(clickhouse, memory, { topicPartition: name, offset: below, arrivedAfterMs });
  }
  return memory;
}
