import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kafkajsModule, withCodec, withoutCodec } from '../../../../test/support/kafkajs.ts';
import type { Produce } from './encode_produce.ts';
import { LazyMessage } from './lazy_message.ts';
import { VarInts, writeVarInt } from './var_int.ts';

interface Decoder {
  buffer: Buffer;
  offset: number;
}
const Decoder = kafkajsModule('protocol/decoder') as new (bytes: Buffer) => Decoder;
const decodeRecordBatch = kafkajsModule('protocol/recordBatch/v0/decoder') as (
  decoder: Decoder,
) => Promise<{ records: LazyMessage[] }>;
const produceRequest = kafkajsModule('protocol/requests/produce/v3/request') as (produce: Produce) => {
  encode(): Promise<{ buffer: Buffer }>;
};
const Batch = kafkajsModule('consumer/batch') as new (
  topic: string,
  fetchedOffset: string,
  data: object,
) => { messages: unknown[] };
const APPEND_TIME = 0x08;
const CONTROL = 0x20;

const text = fc.option(fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)));
const message = fc.record({
  ...{ key: text, value: text, timestamp: fc.nat(2 ** 40).map(String) },
  headers: fc.oneof(fc.constant({}), fc.dictionary(fc.string({ maxLength: 9 }), fc.string({ maxLength: 9 }))),
});

interface Stored {
  messages: { key: Buffer | null; value: Buffer | null; timestamp: string; headers: Record<string, string> }[];
  firstOffset: bigint;
  isAppendTime: boolean;
  isPacked: boolean;
}

/** A record batch as kafkajs writes it, with what the broker puts in. */
async function stored({ messages, firstOffset, isAppendTime, isPacked }: Stored): Promise<Buffer> {
  const sent = {
    ...{ acks: -1, timeout: 0, producerId: 7n, producerEpoch: 3, compression: isPacked ? 1 : 0 },
    topicData: [{ topic: 't', partitions: [{ partition: 0, firstSequence: 9, messages }] }],
  };
  const { buffer } = await withoutCodec(() => produceRequest(sent).encode());
  // Behind the request's own fields, topic, partition and size.
  const batch = Buffer.from(buffer.subarray(12 + 3 + 4 + 8));
  batch.writeBigInt64BE(firstOffset, 0);
  batch.writeBigInt64BE(1_700_000_000_000n, 35);
  if (isAppendTime) batch.writeInt16BE(batch.readInt16BE(21) | APPEND_TIME, 21);
  return batch;
}

const seen = ({
  magicByte,
  attributes,
  timestamp,
  offset,
  key,
  value,
  headers,
  isControlRecord,
  batchContext,
}: LazyMessage) => ({
  ...{ magicByte, attributes, timestamp, offset, key, value, headers, isControlRecord, batchContext },
});

const anyBatch = fc.record({
  messages: fc.array(message, { minLength: 1, maxLength: 20 }),
  firstOffset: fc.bigInt({ min: 0n, max: 2n ** 52n }),
  ...{ isAppendTime: fc.boolean(), isPacked: fc.boolean() },
});

describe('a batch of records', () => {
  test('is read as kafkajs reads it, wherever it stands', async () => {
    await fc.assert(
      fc.asyncProperty(anyBatch, fc.nat(9), async (batch, before) => {
        const bytes = Buffer.concat([Buffer.alloc(before), await stored(batch), Buffer.from('behind')]);
        const [ours, theirs] = [new Decoder(bytes), new Decoder(bytes)];
        ours.offset = theirs.offset = before;
        const { records, ...context } = await withCodec(() => decodeRecordBatch(ours));
        const { records: expected, ...expectedContext } = await withoutCodec(() => decodeRecordBatch(theirs));
        expect(context).toEqual(expectedContext);
        expect(records.map(seen)).toEqual(expected);
        expect(ours.offset).toBe(theirs.offset);
        for (const each of records) {
          expect(each).toBeInstanceOf(LazyMessage);
          expect({ offset: String(each.offsetNumber), timestamp: String(each.arrivedMs) }).toEqual({
            ...{ offset: each.offset, timestamp: each.timestamp },
          });
          expect(each.valueLength).toBe(each.value?.length ?? -1);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('that is not all there is told to be so', async () => {
    const whole = await stored({ messages: [one], firstOffset: 0n, isAppendTime: true, isPacked: false });
    const read = () => decodeRecordBatch(new Decoder(whole.subarray(0, -1)));
    for (const reading of [withCodec(read), withoutCodec(read)]) {
      await expect(reading).rejects.toMatchObject({ name: 'KafkaJSPartialMessageError' });
    }
  });

  test('may have none left', async () => {
    const compacted = await stored({ messages: [one], firstOffset: 0n, isAppendTime: true, isPacked: true });
    compacted.writeInt32BE(0, 57);
    const read = () => decodeRecordBatch(new Decoder(compacted));
    for (const reading of [withCodec(read), withoutCodec(read)]) expect((await reading).records).toEqual([]);
  });
});

const one = { key: null, value: Buffer.from('v'), timestamp: '1', headers: {} };

test('what came of a partition begins with the offset that was asked for, as kafkajs has it', async () => {
  await fc.assert(
    fc.asyncProperty(anyBatch, fc.integer({ min: -3, max: 30 }), fc.boolean(), async (batch, ahead, isControl) => {
      const bytes = await stored(batch);
      if (isControl) bytes.writeInt16BE(bytes.readInt16BE(21) | CONTROL, 21);
      const { records } = await withCodec(() => decodeRecordBatch(new Decoder(bytes)));
      const data = { partition: 1, highWatermark: '99', abortedTransactions: [], messages: records };
      const asked = String(Number(batch.firstOffset) + ahead);
      const expected = withoutCodec(() => new Batch('t', asked, data));
      expect({ ...withCodec(() => new Batch('t', asked, data)) }).toEqual({ ...expected });
    }),
    { numRuns: 300 },
  );
});

test('kafkajs hands out the messages that were selected', async () => {
  const bytes = await stored({ messages: [one, one], firstOffset: 5n, isAppendTime: true, isPacked: false });
  const { records } = await withCodec(() => decodeRecordBatch(new Decoder(bytes)));
  const data = { partition: 1, highWatermark: '9', abortedTransactions: [], messages: records };
  expect(withCodec(() => new Batch('t', '5', data)).messages).toBe(records);
});

test('numbers are read as they were written', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (numbers) => {
      const bytes = Buffer.alloc(5 * numbers.length);
      let at = 0;
      for (const number of numbers) at = writeVarInt(bytes, at, number);
      const read = new VarInts(bytes);
      expect(numbers.map(() => read.read())).toEqual(numbers);
      expect(read.at).toBe(at);
    }),
  );
});

test('what was packed by another client is read too', async () => {
  const packed = await stored({ messages: [one, one], firstOffset: 5n, isAppendTime: true, isPacked: true });
  const { records } = await withCodec(() => decodeRecordBatch(new Decoder(packed)));
  expect(records.map(({ offsetNumber, value }) => [offsetNumber, String(value)])).toEqual([
    [5, 'v'],
    [6, 'v'],
  ]);
});
