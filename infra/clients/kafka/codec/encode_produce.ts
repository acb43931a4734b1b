import { Records, type Text } from './records.ts';

/** A record batch (version 2): where what its length counts begins, where what its checksum covers, and its records. */
const [LENGTH_END, CHECKSUM_END, RECORDS_AT] = [12, 21, 61];
/** Bytes of a request before its topics, of a topic before its partitions, of a partition before its records. */
const [REQUEST_BYTES, TOPIC_BYTES, PARTITION_BYTES] = [2 + 2 + 4 + 4, 2 + 4, 4 + 4];
const MAGIC = 2;

interface Message {
  key?: Text;
  value: Text;
  timestamp?: string | undefined;
  headers?: Record<string, unknown> | undefined;
}

interface Partition {
  partition: number;
  /** `Records` as such, or one by one. */
  messages: Records | Message[];
  firstSequence: number;
}

export interface Produce {
  acks: number;
  timeout: number;
  transactionalId?: string | null | undefined;
  producerId: { toString(): string };
  producerEpoch: number;
  compression?: number;
  topicData: { topic: string; partitions: Partition[] }[];
}

type Checksum = (bytes: Buffer) => number;

/**
 * A produce request put together in one buffer, where kafkajs makes some for each message. null: it has something that
 * only kafkajs knows to encode.
 */
export function encodeProduce(produce: Produce, crc32c: Checksum): Buffer | null {
  const { transactionalId, compression = 0, topicData } = produce;
  const isPlain = topicData.every(({ partitions }) => partitions.every(({ messages }) => arePlain(messages)));
  if (transactionalId || compression !== 0 || !isPlain) return null;
  const topics = topicData.map(({ topic, partitions }) => ({
    name: Buffer.from(topic),
    partitions: partitions.map((each) => ({ ...each, records: recordsOf(each) })),
  }));
  let size = REQUEST_BYTES;
  for (const { name, partitions } of topics) {
    size += TOPIC_BYTES + name.length;
    for (const { records } of partitions) size += PARTITION_BYTES + RECORDS_AT + records.value.length;
  }
  const nowMs = BigInt(Date.now());
  const out = Buffer.allocUnsafe(size);
  let at = out.writeInt16BE(-1, 0);
  at = out.writeInt16BE(produce.acks, at);
  at = out.writeInt32BE(produce.timeout, at);
  at = out.writeInt32BE(topics.length, at);
  for (const { name, partitions } of topics) {
    at = out.writeInt16BE(name.length, at);
    at += name.copy(out, at);
    at = out.writeInt32BE(partitions.length, at);
    for (const { partition, records, firstSequence } of partitions) {
      at = out.writeInt32BE(partition, at);
      at = out.writeInt32BE(RECORDS_AT + records.value.length, at);
      at = writeBatch(out, at, records, { ...produce, firstSequence, nowMs, crc32c });
    }
  }
  return out;
}

const arePlain = (messages: Records | Message[]): boolean =>
  messages instanceof Records ||
  messages.every(({ timestamp, headers }) => timestamp == null && Object.keys(headers ?? {}).length === 0);

interface Batch extends Pick<Produce, 'producerId' | 'producerEpoch'> {
  firstSequence: number;
  nowMs: bigint;
  crc32c: Checksum;
}

function writeBatch(out: Buffer, start: number, records: Records, batch: Batch): number {
  const { value, length } = records;
  let at = out.writeBigInt64BE(0n, start);
  at = out.writeInt32BE(RECORDS_AT - LENGTH_END + value.length, at);
  // Epoch of the leader, which is the broker's to say.
  at = out.writeInt32BE(0, at);
  out.writeInt8(MAGIC, at);
  at = start + CHECKSUM_END;
  // Attributes.
  at = out.writeInt16BE(0, at);
  at = out.writeInt32BE(length - 1, at);
  at = out.writeBigInt64BE(batch.nowMs, at);
  at = out.writeBigInt64BE(batch.nowMs, at);
  at = out.writeBigInt64BE(BigInt(batch.producerId.toString()), at);
  at = out.writeInt16BE(batch.producerEpoch, at);
  at = out.writeInt32BE(batch.firstSequence, at);
  at = out.writeInt32BE(length, at);
  at += value.copy(out, at);
  out.writeUInt32BE(batch.crc32c(out.subarray(start + CHECKSUM_END, at)), start + CHECKSUM_END - 4);
  return at;
}

function recordsOf({ partition, messages }: Partition): Records {
  if (messages instanceof Records) return messages;
  const records = new Records(partition);
  for (const { key, value } of messages) records.addMessage(key, value);
  return records;
}
