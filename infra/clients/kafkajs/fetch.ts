import { type BatchContext, ReadMessage } from './read_message.ts';
import { LENGTH_END, RECORDS_AT } from './record_batch.ts';
import { kafkajsModule } from './replace.ts';
import { VarInts } from './var_int.ts';

/** kafkajs's reader of an answer: `offset` is where it has come to. */
interface Decoder {
  buffer: Buffer;
  offset: number;
}
interface RecordBatch extends BatchContext {
  records: ReadMessage[];
}

export const slowRecordBatch = kafkajsModule('protocol/recordBatch/v0/decoder') as (
  decoder: Decoder,
) => Promise<Omit<RecordBatch, 'records'> & { records: object[] }>;

const { lookupCodecByAttributes } = kafkajsModule('protocol/message/compression') as {
  lookupCodecByAttributes(attributes: number): { decompress(bytes: Buffer): Promise<Buffer> } | null;
};
const { KafkaJSPartialMessageError } = kafkajsModule('errors') as {
  KafkaJSPartialMessageError: new (message: string) => Error;
};

const [APPEND_TIME, TRANSACTIONAL, CONTROL] = [0x08, 0x10, 0x20];

/** Reads one batch of records, where kafkajs makes buffers and big integers for each of them. */
export async function fastRecordBatch(decoder: Decoder): Promise<RecordBatch> {
  const { buffer, offset: start } = decoder;
  const length = buffer.readInt32BE(start + 8);
  const end = start + LENGTH_END + length;
  decoder.offset = end;
  if (buffer.length < end) {
    throw new KafkaJSPartialMessageError(`${buffer.length - start - LENGTH_END} of ${length} bytes of a record batch`);
  }
  const attributes = buffer.readInt16BE(start + 21);
  const context: BatchContext = {
    firstOffset: String(buffer.readBigInt64BE(start)),
    partitionLeaderEpoch: buffer.readInt32BE(start + 12),
    magicByte: buffer.readInt8(start + 16),
    inTransaction: (attributes & TRANSACTIONAL) > 0,
    isControlBatch: (attributes & CONTROL) > 0,
    timestampType: (attributes & APPEND_TIME) > 0 ? 1 : 0,
    lastOffsetDelta: buffer.readInt32BE(start + 23),
    firstTimestamp: String(buffer.readBigInt64BE(start + 27)),
    maxTimestamp: String(buffer.readBigInt64BE(start + 35)),
    producerId: String(buffer.readBigInt64BE(start + 43)),
    producerEpoch: buffer.readInt16BE(start + 51),
    firstSequence: buffer.readInt32BE(start + 53),
  };
  const count = Math.max(0, buffer.readInt32BE(start + 57));
  const stored = buffer.subarray(start + RECORDS_AT, end);
  const bytes = (await lookupCodecByAttributes(attributes)?.decompress(stored)) ?? stored;
  return { ...context, records: readRecords(bytes, count, context) };
}

function readRecords(bytes: Buffer, count: number, context: BatchContext): ReadMessage[] {
  const firstOffset = Number(context.firstOffset);
  const isAppendTime = context.timestampType === 1;
  const firstTimestamp = Number(isAppendTime ? context.maxTimestamp : context.firstTimestamp);
  const numbers = new VarInts(bytes);
  const records: ReadMessage[] = new Array(count);
  for (let i = 0; i < count; i++) {
    const size = numbers.read();
    const start = numbers.at;
    // Attributes, of which none is in use.
    numbers.at += 1;
    const timestampDelta = numbers.read();
    const offsetDelta = numbers.read();
    const keyLength = numbers.read();
    const keyStart = numbers.at;
    numbers.at += Math.max(0, keyLength);
    const valueLength = numbers.read();
    const record = new ReadMessage(bytes, context, start, keyStart, numbers.at);
    record.keyLength = keyLength;
    record.valueLength = valueLength;
    record.offsetNumber = firstOffset + offsetDelta;
    record.arrivedMs = isAppendTime ? firstTimestamp : firstTimestamp + timestampDelta;
    records[i] = record;
    numbers.at = start + size;
  }
  return records;
}
