import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import '../kafka.ts';
import { fastGroups, slowGroups } from './groups.ts';
import { fastProduce, slowProduce } from './produce.ts';
import { Records } from './records.ts';
import { kafkajsModule } from './replace.ts';

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
      const slow = await slowProduce(sent).encode();
      for (const fast of [fastProduce(sent), fastProduce({ ...sent, topicData: made })]) {
        const { buf, buffer } = await fast.encode();
        expect(buffer.equals(slow.buffer)).toBe(true);
        expect(Buffer.isBuffer(buf)).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

test('what is not so plain is left to kafkajs', async () => {
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
  ];
  for (const sent of all) {
    const [slow, fast] = await Promise.all([slowProduce(sent).encode(), fastProduce(sent).encode()]);
    expect(fast.constructor).toBe(slow.constructor);
  }
});

test('partitions have the messages that kafkajs gives them, in their order; records have their own', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9)), fc.boolean(), (partitions, isKnown) => {
      const messages = partitions.map((partition, n) => ({ partition, n }));
      const partitioner = ({ message }: { message: { partition: number } }): number => message.partition;
      const grouping = { topic: 't', partitionMetadata: isKnown ? [{}] : [], messages, partitioner };
      expect(fastGroups(grouping)).toEqual(slowGroups(grouping));
    }),
  );
  const messages = [recordsOf(3, [['a', 'b']]), recordsOf(1, [['c', 'd']])];
  const groups = fastGroups({ topic: 't', partitionMetadata: [{}], messages, partitioner: () => 0 });
  expect(groups).toEqual({ 1: messages[1], 3: messages[0] });
});

test('kafkajs uses them, and is the version that they were made for', () => {
  expect(kafkajsModule('../package.json')).toMatchObject({ version: '2.2.4' });
  expect(kafkajsModule('producer/groupMessagesPerPartition')).toBe(fastGroups);
  const { request } = (kafkajsModule('protocol/requests/produce') as typeof Produce).protocol({ version: 7 })({
    ...{ acks: -1, timeout: 1, producerId: 1n, producerEpoch: 0, topicData: [] },
  });
  expect(String(request.encode)).toContain('encode(produce');
});

declare const Produce: {
  protocol(of: { version: number }): (produce: Parameters<typeof fastProduce>[0]) => {
    request: ReturnType<typeof fastProduce>;
  };
};
