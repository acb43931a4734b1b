import type { Cut } from '../../domain/cut.ts';
import { topicPartition } from '../../domain/names.ts';
import {
  type Admin,
  createMember,
  type EachBatchPayload,
  type Kafka,
  messagesOf,
  requireTopics,
  withHeartbeats,
} from '../../infra/clients/kafka.ts';
import type { Service } from '../../infra/role.ts';
import { Serial } from '../../infra/serial.ts';
import { TIMINGS } from '../../infra/timings.ts';
import { Archiver, type ArchiverOptions, type TopicPartition } from './archiver.ts';
import { chainEnd } from './files/manifest.ts';
import { requestedCut } from './requests.ts';

interface ArchiveConsumerOptions extends Omit<ArchiverOptions, 'firstOffset'> {
  kafka: Kafka;
  topics: string[];
  groupId: string;
  /** Archiving is no longer possible; the process should end and be restarted. */
  onFatal(error: unknown): void;
}

/**
 * Archives the partitions that the group assigns to this process. Messages read and not archived are dropped on every
 * rebalance: the manifests say where to resume; the group's own offsets only serve to show the lag.
 */
export async function startArchiveConsumer(options: ArchiveConsumerOptions): Promise<Service> {
  const { kafka, topics, groupId, archiveDir, log, onFatal } = options;
  const admin = kafka.admin();
  const firstOffset = (place: TopicPartition) => firstOffsetOf(admin, place);
  const archiver = new Archiver({ ...options, firstOffset });
  const consumer = createMember(kafka, {
    groupId,
    maxWaitMs: TIMINGS.archiveFetchMs,
    rejoins: true,
    onCrash: onFatal,
  });

  // Serializes batches, the timer and rebalances.
  const turns = new Serial();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = turns.run(work);
    turn.catch(onFatal);
    return turn;
  };
  const seek = (place: TopicPartition, offset: number) => consumer.seek({ ...place, offset: String(offset) });

  let requested: Cut = {};
  async function flushDue(): Promise<void> {
    if (archiver.hasFlushed) await finishFlush();
    for (const place of archiver.due(requested, Date.now())) {
      await finishFlush();
      archiver.flush(place);
    }
  }

  async function finishFlush(): Promise<void> {
    const flushed = await archiver.flushed();
    if (flushed === null) return;
    const { place, ours, readOn } = flushed;
    if (ours) {
      const offsets = [{ ...place, offset: String(readOn) }];
      await consumer.commitOffsets(offsets).catch((error) => log.debug({ err: error }, 'lag not shown'));
    } else seek(place, readOn);
  }

  async function takeBatch({ batch, resolveOffset, isRunning, isStale }: EachBatchPayload): Promise<void> {
    if (!isRunning() || isStale()) return;
    const place = { topic: batch.topic, partition: batch.partition };
    const messages = messagesOf(batch);
    const first = messages[0]?.offsetNumber ?? Number.NaN;
    const last = messages.at(-1)?.offsetNumber ?? Number.NaN;
    const expected = await archiver.take(place, messages, Date.now());
    if (expected === last + 1) resolveOffset(String(last));
    else {
      if (first > expected) await refuseLoss(expected, place);
      seek(place, expected);
    }
    await flushDue();
  }

  async function refuseLoss(expected: number, place: TopicPartition): Promise<void> {
    const low = await firstOffset(place);
    if (low <= expected) return;
    const name = topicPartition(place.topic, place.partition);
    throw new Error(`${name}: offsets ${expected} to ${low} left the topic before they were archived`);
  }

  consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
    archiver.newGeneration();
    inTurn(() => archiver.dropAll()).catch(() => {});
    for (const [topic, partitions] of Object.entries(memberAssignment)) {
      for (const partition of partitions) {
        const end = chainEnd(archiveDir, topic, partition);
        if (end !== null) seek({ topic, partition }, end);
      }
    }
  });

  await admin.connect();
  await requireTopics(admin, topics);
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    eachBatch: (payload) =>
      withHeartbeats(
        payload.heartbeat,
        inTurn(() => takeBatch(payload)),
      ),
  });

  let looking = false;
  const clock = setInterval(() => {
    if (looking) return;
    looking = true;
    inTurn(async () => {
      requested = requestedCut(archiveDir);
      await flushDue();
    })
      .catch(() => {})
      .finally(() => {
        looking = false;
      });
  }, TIMINGS.flushRequestPollMs);

  return {
    async stop() {
      clearInterval(clock);
      archiver.newGeneration();
      await consumer.disconnect();
      await turns.ended();
      await archiver.dropAll();
      await admin.disconnect();
    },
  };
}

async function firstOffsetOf(admin: Admin, { topic, partition }: TopicPartition): Promise<number> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return Number(offsets.find((entry) => entry.partition === partition)?.low ?? 0);
}
