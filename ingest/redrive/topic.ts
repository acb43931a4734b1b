import { type Admin, createReader, type EachBatchPayload, type Kafka } from '../../infra/clients/kafka.ts';
import { digest } from './digest.ts';
import { type Rejection, readRejection } from './rejection.ts';

/**
 * Reads the rejected topic from its beginning to its current end, in order, a batch at a time. A rejection with several
 * messages (it is sent again after a crash, under the same key) is passed once; messages that arrive meanwhile are not
 * passed.
 * @param take awaited before more is read
 */
export async function readRejections(
  { kafka, admin }: { kafka: Kafka; admin: Admin },
  topic: string,
  take: (rejections: Rejection[]) => Promise<void>,
): Promise<void> {
  const unread = new Map<number, number>();
  for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
    if (Number(high) > Number(low)) unread.set(partition, Number(high));
  }
  if (unread.size === 0) return;
  const met = new Set<string>();
  const isFirst = ({ key }: Rejection): boolean => met.size < met.add(digest(key)).size;
  const consumer = createReader(kafka, 'rejected-reader');
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      let isEnded = false;
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      const eachBatch = async ({ batch }: EachBatchPayload): Promise<void> => {
        if (isEnded) return;
        const { partition, messages } = batch;
        const end = unread.get(partition) ?? 0;
        try {
          const before = messages.filter(({ offset }) => Number(offset) < end);
          await take(before.map((message) => readRejection(topic, partition, message)).filter(isFirst));
        } catch (error) {
          isEnded = true;
          // Not thrown to the consumer, which would deliver the same batch again.
          reject(error);
        }
        if (Number(batch.lastOffset()) + 1 >= end) unread.delete(partition);
        if (unread.size > 0) return;
        isEnded = true;
        resolve();
      };
      consumer.run({ autoCommit: false, eachBatch }).catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
}
