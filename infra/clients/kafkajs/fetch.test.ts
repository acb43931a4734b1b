import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import '../kafka.ts';
import { FastBatch, SlowBatch } from './batch.ts';
import { fastRecordBatch, slowRecordBatch } from './fetch.ts';
import { slowProduce } from './produce.ts';
import type { ReadMessage } from './read_message.ts';
import { kafkajsModule } from './replace.ts';
import { VarInts, writeVarInt } from './var_int.ts';

const Decoder = kafkajsModule('protocol/decoder') as new (bytes: Buffer) => { buffer: Buffer; offset: number };
const APPEND_TIME = 0x08;

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
  const { buffer } = await slowProduce({
    ...{ acks: -1, timeout: 0, producerId: 7n, producerEpoch: 3, compression: isPacked ? 1 : 0 },
    topicData: [{ topic: 't', partitions: [{ partition: 0, firstSequence: 9, messages }] }],
  }).encode();
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
}: ReadMessage) => ({
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
        const [fast, slow] = [new Decoder(bytes), new Decoder(bytes)];
        fast.offset = slow.offset = before;
        const { records, ...context } = await fastRecordBatch(fast);
        const { records: slowRecords, ...slowContext } = await slowRecordBatch(slow);
        expect(context).toEqual({ ...slowContext, magicByte: 2 });
        expect(records.map(seen)).toEqual(slowRecords);
        expect(fast.offset).toBe(slow.offset);
        for (const each of records) {
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
    for (const read of [fastRecordBatch, slowRecordBatch]) {
      await expect(read(new Decoder(whole.subarray(0, -1)))).rejects.toMatchObject({
        name: 'KafkaJSPartialMessageError',
      });
    }
  });
});

const one = { key: null, value: Buffer.from('v'), timestamp: '1', headers: {} };

test('what came of a partition begins with the offset that was asked for, as kafkajs has it', async () => {
  await fc.assert(
    fc.asyncProperty(anyBatch, fc.integer({ min: -3, max: 30 }), fc.boolean(), async (batch, ahead, isControl) => {
      const bytes = await stored(batch);
      if (isControl) bytes.writeInt16BE(bytes.readInt16BE(21) | 0x20, 21);
      const { records } = await fastRecordBatch(new Decoder(bytes));
      const data = { partition: 1, highWatermark: '99', abortedTransactions: [], messages: records };
      const asked = String(Number(batch.firstOffset) + ahead);
      const [fast, slow] = [new FastBatch('t', asked, data), new SlowBatch('t', asked, data)];
      expect({ ...fast }).toEqual({ ...slow });
    }),
    { numRuns: 300 },
  );
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
  const { records } = await fastRecordBatch(new Decoder(packed));
  expect(records.map(({ offsetNumber, value }) => [offsetNumber, String(value)])).toEqual([
    [5, 'v'],
    [6, 'v'],
  ]);
});
