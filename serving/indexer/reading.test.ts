import { expect, test } from 'vitest';
import { fingerprintOf } from '../../infra/clients/kafka.ts';
import { afterBatch, beginAt, judge, type Placed, type Reading } from './reading.ts';

/** Messages of these offsets, of a log with a name: another log has other messages at the same offsets. */
const log = (name: string, offsets: number[], leaderEpoch = 0): Placed[] =>
  offsets.map((offsetNumber) => ({
    offsetNumber,
    leaderEpoch,
    arrivedMs: offsetNumber,
    value: Buffer.from(`${name} ${offsetNumber}`),
  }));
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const ours = (from: number, to: number): Placed[] => log('ours', range(from, to));

const endOf = (messages: Placed[]): number => Math.max(20, (messages.at(-1)?.offsetNumber ?? 0) + 1);

const fingerprintAt = (offset: number) => fingerprintOf(Buffer.from(`ours ${offset}`), offset);
/** Ten messages of ours, 0 to 9, were applied. */
const ASSIGNED = beginAt({ next: 10, before: fingerprintAt(9) });
const GOING_ON: Reading = { ...ASSIGNED, isCompared: true, leaderEpoch: 0 };
const LOOKED_BACK: Reading = { ...ASSIGNED, hasLookedBack: true };
const FRESH = beginAt({ next: 0, before: null });
/** Where the group stands, of a state from before offsets were kept. */
const ADOPTED = beginAt({ next: 10, before: null });

test.each<[string, Reading, Placed[], number]>([
  ['the next messages', GOING_ON, ours(10, 15), 0],
  ['the first of a topic', FRESH, ours(0, 3), 0],
  ['the next, with the message before', LOOKED_BACK, ours(9, 12), 1],
  ['only the message before', LOOKED_BACK, ours(9, 10), 1],
  ['some once more, after a kill before the commit', ASSIGNED, ours(6, 12), 4],
  ['the next, while the message before is gone: a quiet topic expires', LOOKED_BACK, ours(10, 12), 0],
  ['the next of a state without offsets', ADOPTED, ours(10, 12), 0],
])('follows: %s', (_, reading, messages, from) => {
  expect(judge(reading, messages, endOf(messages))).toEqual({ kind: 'apply', from, unseen: null });
});

test.each<[string, Reading, Placed[], number | null]>([
  ['after an assignment', ASSIGNED, ours(10, 12), null],
  ['under another leader', GOING_ON, log('ours', range(10, 12), 1), null],
  ['when offsets jump', GOING_ON, ours(12, 14), null],
  ['when they go back', GOING_ON, ours(0, 2), null],
  ['when the group has read on', ASSIGNED, ours(15, 17), 15],
  ['when messages of a batch are missing', GOING_ON, log('ours', [10, 12]), null],
])('the message before is looked at %s', (_, reading, messages, beganBeyond) => {
  expect(judge(reading, messages, endOf(messages))).toEqual({
    kind: 'look-back',
    reading: { ...reading, hasLookedBack: true, beganBeyond },
  });
});

test.each<[string, Reading, Placed[], number, object]>([
  ['expired', LOOKED_BACK, ours(15, 17), 0, { why: 'gone', from: 10, to: 15 }],
  ['expired before the first was read', FRESH, ours(5, 7), 0, { why: 'gone', from: 0, to: 5 }],
  [
    'expired before the upgrade',
    { ...ADOPTED, hasLookedBack: true },
    ours(15, 17),
    0,
    { why: 'gone', from: 10, to: 15 },
  ],
  ['missing in the middle', LOOKED_BACK, log('ours', [9, 10, 12]), 1, { why: 'gone', from: 10, to: 13 }],
  ['missing after the message before', LOOKED_BACK, log('ours', [9, 12]), 1, { why: 'gone', from: 10, to: 12 }],
  ['of a log that ends before ours', LOOKED_BACK, log('other', range(0, 4)), 0, { why: 'replaced', from: 0, to: 10 }],
  ['of another log', LOOKED_BACK, log('other', range(9, 12)), 0, { why: 'replaced', from: 9, to: 10 }],
  [
    'applied once, by an Elasticsearch that was newer',
    { ...LOOKED_BACK, beganBeyond: 15 },
    ours(9, 17),
    1,
    { why: 'forgotten', from: 10, to: 15 },
  ],
])('unseen: %s', (_, reading, messages, from, unseen) => {
  expect(judge(reading, messages, endOf(messages))).toEqual({ kind: 'apply', from, unseen });
});

test('a log that ends before ours is another, wherever it is read', () => {
  const messages = log('other', range(0, 4));
  const unseen = { why: 'replaced', from: 0, to: 10 };
  expect(judge(ASSIGNED, messages, 9)).toEqual({ kind: 'apply', from: 0, unseen });
  expect(judge(GOING_ON, messages, 4)).toEqual({ kind: 'apply', from: 0, unseen });
});

test('after a batch the reading stands behind its last message, also in a log that is shorter', () => {
  expect(afterBatch(LOOKED_BACK, ours(9, 12), 1)).toEqual({
    ...GOING_ON,
    next: 12,
    before: fingerprintAt(11),
  });
  expect(afterBatch(LOOKED_BACK, ours(9, 10), 1)).toEqual(GOING_ON);
  expect(afterBatch(LOOKED_BACK, log('other', range(0, 4)), 0)).toMatchObject({ next: 4 });
});
