import { expect, test } from 'vitest';
import { faultsOf, type TopicFacts } from './topic_rules.ts';

const RIGHT = { 'message.timestamp.type': 'LogAppendTime', 'cleanup.policy': 'delete', 'retention.ms': '604800000' };
const facts = (topic: string, settings: Record<string, string>, partitions = 4): TopicFacts => ({
  topic,
  partitions,
  settings: new Map(Object.entries({ ...RIGHT, ...settings })),
});

test.each<[what: string, facts: TopicFacts, recorded: number | null, faults: [setting: string, isFatal: boolean][]]>([
  ['clicks as they must be', facts('clicks', {}), 4, []],
  [
    'time stamps of senders',
    facts('clicks', { 'message.timestamp.type': 'CreateTime' }),
    4,
    [['message.timestamp.type', true]],
  ],
  [
    'time stamps of senders in a region',
    facts('clicks.eu', { 'message.timestamp.type': 'CreateTime' }),
    4,
    [['message.timestamp.type', true]],
  ],
  [
    'a clock that would be that of senders',
    facts('clickledger-clock', { 'message.timestamp.type': 'CreateTime' }),
    null,
    [['message.timestamp.type', true]],
  ],
  [
    'time stamps of senders where arrival does not matter',
    facts('ad-tops', { 'message.timestamp.type': 'CreateTime' }),
    null,
    [],
  ],
  ['rejected lines are no clicks', facts('clicks-rejected', { 'message.timestamp.type': 'CreateTime' }), null, []],
  ['compaction', facts('clicks', { 'cleanup.policy': 'compact' }), 4, [['cleanup.policy', true]]],
  [
    'compaction beside expiry',
    facts('ad-minutes', { 'cleanup.policy': 'compact,delete' }),
    null,
    [['cleanup.policy', true]],
  ],
  ['an hour of retention', facts('clicks', { 'retention.ms': '3600000' }), 4, [['retention.ms', false]]],
  ['a day of retention', facts('clicks', { 'retention.ms': '86400000' }), 4, []],
  ['no end of retention', facts('ad-minutes', { 'retention.ms': '-1' }), null, []],
  ['top ads of an hour are enough', facts('ad-tops', { 'retention.ms': '3600000' }), null, []],
  ['fewer partitions than on record', facts('clicks', {}, 2), 4, [['partitions', true]]],
  ['more partitions than on record', facts('clicks', {}, 8), 4, []],
  ['partitions that nobody has recorded', facts('clicks', {}, 2), null, []],
  ['a second queue without a partition for runs', facts('ad-minutes', {}, 3), null, [['partitions', true]]],
  ['a second queue with more partitions', facts('ad-minutes', {}, 5), null, []],
  [
    'everything at once',
    facts('clicks', { 'message.timestamp.type': 'CreateTime', 'cleanup.policy': 'compact' }, 1),
    4,
    [
      ['message.timestamp.type', true],
      ['cleanup.policy', true],
      ['partitions', true],
    ],
  ],
  ['settings that may not be read', { topic: 'clicks', partitions: 2, settings: null }, 4, [['partitions', true]]],
])('%s', (_, found, recorded, expected) => {
  const faults = faultsOf(found, recorded, ['127.0.0.1:9092']);
  expect(faults.map(({ setting, isFatal }) => [setting, isFatal])).toEqual(expected);
});

test('a fault is a line that says topic, setting, what it is, what it must be, and the command', () => {
  const [fault] = faultsOf(facts('clicks', { 'cleanup.policy': 'compact' }), null, ['a:1', 'b:2']);
  expect(fault?.what).toMatch(/^topic clicks: cleanup\.policy is compact, must be delete: /);
  expect(fault?.mend).toBe(
    'kafka-configs.sh --bootstrap-server a:1,b:2 --alter --entity-type topics --entity-name clicks --add-config cleanup.policy=delete',
  );
  expect(`${fault?.what}${fault?.mend}`).not.toContain('\n');
});
