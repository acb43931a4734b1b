import type { Producer } from '../infra/clients/kafka.ts';
import type { Rejected } from './block.ts';

/**
 * Keeps messages of `clicks` that are no clicks, whole, with the reason. The key is their place, so that one that is
 * sent again after a crash can be told to be the same.
 */
export async function sendRejected(
  producer: Producer,
  topic: string,
  topicPartition: string,
  rejected: Rejected[],
): Promise<void> {
  const messages = rejected.map(({ message, reason }) => ({
    key: `${topicPartition}-${message.offset}`,
    value: JSON.stringify({
      reason,
      topic_partition: topicPartition,
      topic_offset: Number(message.offset),
      message_base64: message.value?.toString('base64') ?? null,
    }),
  }));
  await producer.send({ topic, acks: -1, messages });
}
