import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import './kafka.ts';
import { fastGroups, fastRecord, slowGroups, slowRecord } from './kafkajs_speed.ts';

const text = fc.oneof(
  fc.constantFrom(null, undefined),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.uint8Array({ maxLength: 20_000 }).map((bytes) => Buffer.from(bytes)),
);
const headers = fc.oneof(fc.constantFrom(undefined, {}), fc.dictionary(fc.string(), fc.string()));

test('a record has the bytes that kafkajs gives it', () => {
  const fields = fc.record({
    ...{ key: text, value: text, headers },
    offsetDelta: fc.nat(2 ** 31 - 1),
    timestampDelta: fc.constantFrom(0, 0, 0, 1, 300, 2 ** 40),
  });
  fc.assert(
    fc.property(fields, ({ headers, ...rest }) => {
      const record = headers === undefined ? rest : { ...rest, headers };
      const [fast, slow] = [fastRecord(record), slowRecord(record)];
      expect(fast.buffer.equals(slow.buffer)).toBe(true);
      expect(Buffer.isBuffer(fast.buf)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test('partitions have the messages that kafkajs gives them, in their order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9)), fc.boolean(), (partitions, isKnown) => {
      const messages = partitions.map((partition, n) => ({ partition, n }));
      const partitioner = ({ message }: { message: { partition: number } }): number => message.partition;
      const grouping = { topic: 't', partitionMetadata: isKnown ? [{}] : [], messages, partitioner };
      expect(fastGroups(grouping)).toEqual(slowGroups(grouping));
    }),
  );
});

test('kafkajs uses them, and is the version that they were made for', async () => {
  const require = createRequire(import.meta.url);
  expect(require('kafkajs/package.json').version).toBe('2.2.4');
  expect(require('kafkajs/src/producer/groupMessagesPerPartition')).toBe(fastGroups);
  // Loaded after the change, as all of kafkajs is.
  const request = require('kafkajs/src/protocol/requests/produce/v3/request');
  const copy = vi.fn(() => 1);
  const messages = [{ key: { length: 1, copy }, value: 'v' }];
  const topicData = [{ topic: 't', partitions: [{ partition: 0, messages }] }];
  await request({ acks: -1, timeout: 1, topicData }).encode();
  expect(copy).toHaveBeenCalled();
});
