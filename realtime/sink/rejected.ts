import type { Producer } from '../../infra/clients/kafka.ts';
import type { Rejected } from './block.ts';

/** Messages per send form one batch, which the broker limits to 1 MiB. */
const SEND_BYTES = 512 * 1024;
/** Longer messages are truncated: base64 is a third longer, so the whole might not fit. */
const KEPT_BYTES = 256 * 1024;

/**
 * Stores invalid messages of `clicks`, with the reason. The key is their position, so that a message sent again after a
 * crash is recognised as the same.
 */
export async function sendRejected(
  producer: Pick<Producer, 'send'>,
  topic: string,
  topicPartition: string,
  rejected: Rejected[],
): Promise<void> {
  let messages: { key: string; value: string }[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (messages.length > 0) await producer.send({ topic, acks: -1, messages });
    [messages, bytes] = [[], 0];
  };
  for (const entry of rejected) {
    const message = messageOf(topicPartition, entry);
    if (bytes + message.value.length > SEND_BYTES) await flush();
    messages.push(message);
    bytes += message.value.length;
  }
  await flush();
}

function messageOf(topicPartition: string, { message: { value, offset }, reason }: Rejected) {
  const isCut = value !== null && value.length > KEPT_BYTES;
  return {
    key: `${topicPartition}-${offset}`,
    value: JSON.stringify({
      reason,
      topic_partition: topicPartition,
      topic_offset: offset,
      message_base64: value?.subarray(0, KEPT_BYTES).toString('base64') ?? null,
      ...(isCut && { message_bytes: value.length }),
    }),
  };
}
