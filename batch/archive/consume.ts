import { topicPartition } from '../../domain/names.ts';
import { type Admin, type EachBatchPayload, type Kafka, MEMBERSHIP } from '../../infra/clients/kafka.ts';
import type { Service } from '../../infra/role.ts';
import { Archiver, type ArchiverOptions } from './archiver.ts';
import { chainEnd } from './manifest.ts';
import { requestedCut } from './requests.ts';

interface ArchiveConsumerOptions extends Omit<ArchiverOptions, 'firstOffset'> {
  kafka: Kafka;
  groupId: string;
  /** Nothing can be archived any more; the process should end and be started anew. */
  onFatal(error: unknown): void;
}

const LOOK_MS = 500;

/**
 * Archives the partitions that the group gives to this process. What was read and not archived is dropped whenever the
 * group changes: the manifests say where to read on, the group's own offsets are only for those who watch the lag.
 */
export async function startArchiveConsumer(options: ArchiveConsumerOptions): Promise<Service> {
  const { kafka, topic, groupId, archiveDir, log, onFatal } = options;
  const admin = kafka.admin();
  const firstOffset = (partition: number) => firstOffsetOf(admin, topic, partition);
  const archiver = new Archiver({ ...options, firstOffset });
  const consumer = kafka.consumer({ groupId, ...MEMBERSHIP });

  // Batches and the clock take turns: a range is either being filled or being written.
  let tail: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = tail.then(work);
    tail = turn.catch(onFatal);
    return turn;
  };
  const seek = (partition: number, offset: number) => consumer.seek({ topic, partition, offset: String(offset) });

  async function flushDue(): Promise<void> {
    for (const partition of archiver.due(requestedCut(archiveDir), Date.now())) {
      const flushed = await archiver.flush(partition);
      if (flushed?.ours) {
        const offsets = [{ topic, partition, offset: String(flushed.readOn) }];
        await consumer.commitOffsets(offsets).catch((error) => log.debug({ err: error }, 'lag not shown'));
      } else if (flushed) seek(partition, flushed.readOn);
    }
  }

  async function takeBatch({ batch, resolveOffset, isRunning, isStale }: EachBatchPayload): Promise<void> {
    if (!isRunning() || isStale()) return;
    const { partition } = batch;
    const first = Number(batch.messages[0]?.offset);
    const last = Number(batch.messages.at(-1)?.offset);
    const expected = await archiver.take(partition, messagesOf(batch), Date.now());
    if (expected === last + 1) resolveOffset(String(last));
    else {
      if (first > expected) await refuseLoss(expected, partition);
      seek(partition, expected);
    }
    await flushDue();
  }

  async function refuseLoss(expected: number, partition: number): Promise<void> {
    const low = await firstOffset(partition);
    if (low <= expected) return;
    const name = topicPartition(topic, partition);
    throw new Error(`${name}: offsets ${expected} to ${low} left the topic before they were archived`);
  }

  consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
    archiver.newGeneration();
    inTurn(() => archiver.dropAll()).catch(() => {});
    for (const partition of memberAssignment[topic] ?? []) {
      const end = chainEnd(archiveDir, topic, partition);
      if (end !== null) seek(partition, end);
    }
  });
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    if (!restart) onFatal(error);
  });

  await admin.connect();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    eachBatch: (payload) =>
      beating(
        payload.heartbeat,
        inTurn(() => takeBatch(payload)),
      ),
  });

  let looking = false;
  const clock = setInterval(() => {
    if (looking) return;
    looking = true;
    inTurn(flushDue)
      .catch(() => {})
      .finally(() => {
        looking = false;
      });
  }, LOOK_MS);

  return {
    async stop() {
      clearInterval(clock);
      archiver.newGeneration();
      await consumer.disconnect();
      await tail;
      await archiver.dropAll();
      await admin.disconnect();
    },
  };
}

function* messagesOf(batch: EachBatchPayload['batch']) {
  for (const { offset, timestamp, value } of batch.messages) {
    yield { offset: Number(offset), arrivedMs: Number(timestamp), value };
  }
}

async function firstOffsetOf(admin: Admin, topic: string, partition: number): Promise<number> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return Number(offsets.find((entry) => entry.partition === partition)?.low ?? 0);
}

/** Keeps the membership while work of unknown length is done. A lost one shows up at the consumer's own next call. */
async function beating<T>(heartbeat: () => Promise<void>, work: Promise<T>): Promise<T> {
  const beat = setInterval(() => heartbeat().catch(() => {}), MEMBERSHIP.heartbeatInterval);
  return work.finally(() => clearInterval(beat));
}
