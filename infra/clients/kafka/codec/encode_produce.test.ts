import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { kafkajsModule, withCodec, withoutCodec } from '../../../../test/support/kafkajs.ts';
import type { Produce } from './encode_produce.ts';
import type { Grouping } from './group_messages.ts';
import { Records } from './records.ts';

const produceRequest = kafkajsModule('protocol/requests/produce/v3/request') as (produce: Produce) => Request;
const { protocol } = kafkajsModule('protocol/requests/produce') as {
  protocol(of: { version: number }): (produce: Produce) => { request: Request };
};
const groupPerPartition = kafkajsModule('producer/groupMessagesPerPartition') as (
  grouping: Grouping<unknown>,
) => Record<number, unknown>;
const Encoder = kafkajsModule('protocol/encoder') as new () => {
  writeEncoder(encoded: Encoded): { buffer: Buffer };
};

interface Encoded {
  buffer: Buffer;
}
interface Request {
  encode(): Promise<Encoded>;
}

afterEach(() => vi.useRealTimers());

const text = fc.oneof(
  fc.constantFrom(null, undefined),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.uint8Array({ maxLength: 20_000 }).map((bytes) => Buffer.from(bytes)),
);
const value = text.map((value) => value ?? null);
const partition = fc.record({
  partition: fc.nat(100),
  messages: fc.array(fc.record({ key: text, value }), { minLength: 1, maxLength: 40 }),
  firstSequence: fc.nat(2 ** 31 - 1),
});
const request = fc.record({
  ...{ acks: fc.constantFrom(-1, 1), timeout: fc.nat(60_000) },
  ...{ producerId: fc.bigInt({ min: -1n, max: 2n ** 62n }), producerEpoch: fc.nat(32_000) },
  topicData: fc.array(
    fc.record({ topic: fc.string({ minLength: 1 }), partitions: fc.array(partition, { maxLength: 4 }) }),
    { maxLength: 3 },
  ),
});

const recordsOf = (number: number, messages: Parameters<Records['addMessage']>[]): Records => {
  const records = new Records(number);
  for (const message of messages) records.addMessage(...message);
  return records;
};

test('what is sent has the bytes that kafkajs gives it, of messages and of records that were made before', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  await fc.assert(
    fc.asyncProperty(request, async (sent) => {
      const made = sent.topicData.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map((each) => ({
          ...each,
          messages: recordsOf(
            each.partition,
            each.messages.map(({ key, value }) => [key, value]),
          ),
        })),
      }));
      const expected = await withoutCodec(() => produceRequest(sent).encode());
      for (const each of [sent, { ...sent, topicData: made }]) {
        const encoded = await withCodec(() => produceRequest(each).encode());
        expect(encoded.buffer.equals(expected.buffer)).toBe(true);
        expect(new Encoder().writeEncoder(encoded).buffer.equals(expected.buffer)).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

test('records that were made before are sent in every version of the request that knows record batches', async () => {
  const partitions = [{ partition: 0, firstSequence: 0, messages: recordsOf(0, [['a', 'b']]) }];
  const sent = { acks: -1, timeout: 1, producerId: 1n, producerEpoch: 0, topicData: [{ topic: 't', partitions }] };
  for (const version of [3, 4, 5, 6, 7]) {
    const { buffer } = await withCodec(() => protocol({ version })(sent).request.encode());
    expect(buffer.includes(partitions[0]?.messages.value ?? '?')).toBe(true);
  }
});

test('what is not so plain is left to kafkajs', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const message = { key: 'k', value: 'v' };
  const plain = { acks: -1, timeout: 1, producerId: 1n, producerEpoch: 0 };
  const requestOf = (changed: object, more: object = {}) => ({
    ...{ ...plain, ...more },
    topicData: [
      { topic: 't', partitions: [{ partition: 0, firstSequence: 0, messages: [{ ...message, ...changed }] }] },
    ],
  });
  const all = [
    requestOf({ headers: { a: 'b' } }),
    requestOf({ timestamp: '1' }),
    requestOf({}, { transactionalId: 'x' }),
    requestOf({}, { compression: 1 }),
  ];
  for (const sent of all) {
    const expected = await withoutCodec(() => produceRequest(sent).encode());
    const encoded = await withCodec(() => produceRequest(sent).encode());
    expect(encoded).toBeInstanceOf(Encoder);
    expect(encoded.buffer.equals(expected.buffer)).toBe(true);
  }
});

test('partitions have the messages that kafkajs gives them, in their order; records have their own', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9)), fc.boolean(), (partitions, isKnown) => {
      const messages = partitions.map((partition, n) => ({ partition, n }));
      const partitioner = ({ message }: { message: unknown }): number => (message as { partition: number }).partition;
      const grouping = { topic: 't', partitionMetadata: isKnown ? [{}] : [], messages, partitioner };
      const expected = withoutCodec(() => groupPerPartition(grouping));
      expect(withCodec(() => groupPerPartition(grouping))).toEqual(expected);
    }),
  );
  const messages = [recordsOf(3, [['a', 'b']]), recordsOf(1, [['c', 'd']])];
  const groups = withCodec(() =>
    groupPerPartition({ topic: 't', partitionMetadata: [{}], messages, partitioner: () => 0 }),
  );
  expect(groups).toEqual({ 1: messages[1], 3: messages[0] });
});
