import { ReadMessage } from './read_message.ts';
import { kafkajsModule } from './replace.ts';

interface PartitionData {
  partition: number;
  highWatermark: string;
  abortedTransactions: unknown[];
  messages: unknown[];
}

interface Batch {
  rawMessages: unknown[];
  messagesWithinOffset: unknown[];
  messages: unknown[];
}

export const SlowBatch = kafkajsModule('consumer/batch') as new (
  topic: string,
  fetchedOffset: string | number,
  data: PartitionData,
) => Batch;

/**
 * What came of one partition, from the offset on that was asked for. kafkajs compares each offset as a big integer and
 * looks for aborted transactions; here they are in order, and nobody writes in transactions.
 */
export class FastBatch extends SlowBatch {
  constructor(topic: string, fetchedOffset: string | number, data: PartitionData) {
    const { messages, abortedTransactions } = data;
    const isPlain =
      (abortedTransactions ?? []).length === 0 &&
      messages.every((message) => message instanceof ReadMessage && !message.isControlRecord);
    super(topic, fetchedOffset, isPlain ? { ...data, messages: [] } : data);
    if (!isPlain) return;
    const plain = messages as ReadMessage[];
    const from = plain.findIndex(({ offsetNumber }) => offsetNumber >= Number(fetchedOffset));
    this.rawMessages = plain;
    this.messagesWithinOffset = from === 0 ? plain : from < 0 ? [] : plain.slice(from);
    this.messages = this.messagesWithinOffset;
  }
}
