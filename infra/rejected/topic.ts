import { isSameMessage } from '../../domain/message_fingerprint.ts';
import { type Admin, createReader, type EachBatchPayload, fingerprintOf, type Kafka } from '../clients/kafka.ts';
import { type RejectedManifest, type RejectedMessage, rejectedManifests } from './files.ts';

interface Offsets {
  from: number;
  to: number;
}

type Engines = { kafka: Kafka; admin: Admin };

const LOOK_EVERY_MS = 2_000;

/**
 * Reads ranges of offsets of a topic, in order, a batch at a time. Messages that Kafka removes meanwhile are left out.
 * @param take awaited before more is read
 */
export async function readOffsets(
  { kafka, admin }: Engines,
  topic: string,
  ranges: ReadonlyMap<number, Offsets>,
  take: (partition: number, messages: RejectedMessage[]) => Promise<void>,
): Promise<void> {
  const unread = new Map([...ranges].filter(([, { from, to }]) => to > from));
  if (unread.size === 0) return;
  const consumer = createReader(kafka, 'rejected-reader');
  await consumer.connect();
  let looking: NodeJS.Timeout | undefined;
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      let isEnded = false;
      let isTaking = false;
      const endIfRead = (): void => {
        if (unread.size > 0 || isTaking) return;
        isEnded = true;
        resolve();
      };
      // Nothing would come of a range whose messages have all been removed.
      const look = async (): Promise<void> => {
        for (const { partition, low } of await admin.fetchTopicOffsets(topic)) {
          if (Number(low) >= (unread.get(partition)?.to ?? Number.POSITIVE_INFINITY)) unread.delete(partition);
        }
        endIfRead();
      };
      looking = setInterval(() => void look().catch(reject), LOOK_EVERY_MS);
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      const eachBatch = async ({ batch }: EachBatchPayload): Promise<void> => {
        if (isEnded) return;
        const { partition, messages } = batch;
        const { from, to } = unread.get(partition) ?? { from: 0, to: 0 };
        const isAsked = ({ offset }: { offset: string }) => Number(offset) >= from && Number(offset) < to;
        isTaking = true;
        try {
          await take(partition, messages.filter(isAsked).map(readMessage));
        } catch (error) {
          isEnded = true;
          // Not thrown to the consumer, which would deliver the same batch again.
          reject(error);
        }
        isTaking = false;
        if (Number(batch.lastOffset()) + 1 >= to) unread.delete(partition);
        endIfRead();
      };
      consumer.run({ autoCommit: false, eachBatch }).catch(reject);
      for (const [partition, { from }] of unread) consumer.seek({ topic, partition, offset: String(from) });
    });
  } finally {
    clearInterval(looking);
    await consumer.disconnect();
  }
}

const readMessage = (message: EachBatchPayload['batch']['messages'][number]): RejectedMessage => ({
  offset: Number(message.offset),
  timeMs: Number(message.timestamp),
  key: message.key,
  value: message.value,
});

/** The part of a partition that is in no file yet. */
interface Unfiled extends Offsets {
  generation: number;
  /** Messages before `from` that Kafka had removed before they were put into files. */
  lost: number;
}

/** By partition. A topic whose offsets are given out once more (it was made anew) is a new generation, read from its first. */
export async function unfiledOf(engines: Engines, topic: string, archiveDir: string): Promise<Map<number, Unfiled>> {
  const last = new Map<number, RejectedManifest>();
  for (const one of rejectedManifests(archiveDir, topic)) last.set(one.partition, one);
  const unfiled = new Map<number, Unfiled>();
  for (const { partition, low, high } of await engines.admin.fetchTopicOffsets(topic)) {
    const [first, to] = [Number(low), Number(high)];
    const filed = last.get(partition);
    if (filed === undefined) unfiled.set(partition, { generation: 0, from: first, to, lost: 0 });
    else if (await isBegunAnew(engines, filed, { from: first, to })) {
      unfiled.set(partition, { generation: filed.generation + 1, from: first, to, lost: 0 });
    } else {
      const from = Math.max(filed.to, first);
      unfiled.set(partition, { generation: filed.generation, from, to, lost: from - filed.to });
    }
  }
  return unfiled;
}

async function isBegunAnew(
  engines: Engines,
  { topic, partition, to, last }: RejectedManifest,
  kept: Offsets,
): Promise<boolean> {
  if (kept.to < to) return true;
  if (last === null || last.offset < kept.from) return false;
  let isSame = false;
  const range = { from: last.offset, to: last.offset + 1 };
  await readOffsets(engines, topic, new Map([[partition, range]]), async (_, messages) => {
    for (const { value, timeMs } of messages) isSame = isSameMessage(fingerprintOf(value, timeMs), last);
  });
  return !isSame;
}
