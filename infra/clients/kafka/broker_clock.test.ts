import { beforeEach, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../domain/time.ts';
import { BrokerClock } from './broker_clock.ts';

/** The true time, of which host and broker may have a wrong idea. */
let trueMs = 0;
let hostAheadMs = 0;
let brokerAheadMs = 0;
/** What passes until the broker appends the record, and then until it is acknowledged. */
let way: [there: number, back: number] = [0, 0];

const host = { wallMs: () => trueMs + hostAheadMs, monotonicMs: () => trueMs - 5_000 };
const producer = {
  async send() {
    trueMs += way[0];
    const logAppendTime = String(trueMs + brokerAheadMs);
    trueMs += way[1];
    return [{ topicName: 'clock', partition: 0, errorCode: 0, logAppendTime }];
  },
};
const clock = (): BrokerClock => new BrokerClock(async () => producer, 'clock', host);

beforeEach(() => {
  [trueMs, hostAheadMs, brokerAheadMs, way] = [1_000_000, 0, 0, [3, 4]];
});

test('the time is that of the record, whatever the host believes', async () => {
  hostAheadMs = DAY_MS;
  expect(await clock().read()).toBe(1_000_003);
  expect(await clock().reading()).toEqual({
    atMs: 1_000_010,
    host: { fromMs: DAY_MS + 1_000_007, toMs: DAY_MS + 1_000_014 },
  });
});

test.each<[what: string, hostAheadMs: number, brokerAheadMs: number, expected: number]>([
  ['the host and the broker agree', 0, 0, 1_060_007],
  ['the host is a little ahead, which the way back can explain', 3, 0, 1_060_010],
  ['the host is a day ahead', DAY_MS, 0, 1_060_010],
  ['the host is an hour behind', -HOUR_MS, 0, 1_060_003],
  ['the broker is a day ahead', 0, DAY_MS, 1_060_003 + DAY_MS],
])('a minute after a record: %s', async (_, hostMs, brokerMs, expected) => {
  [hostAheadMs, brokerAheadMs] = [hostMs, brokerMs];
  const read = clock();
  await read.read();
  trueMs += 60_000;
  expect(read.nowMs()).toBe(expected);
});

test('a host clock that is set after a record has no say', async () => {
  const read = clock();
  await read.read();
  hostAheadMs = DAY_MS;
  expect(read.nowMs()).toBe(1_000_010);
  hostAheadMs = -DAY_MS;
  expect(read.nowMs()).toBe(1_000_003);
});

test('before the first record it is the clock of the host', () => {
  hostAheadMs = 77;
  expect(clock().nowMs()).toBe(1_000_077);
});

test.each<[what: string, answer: unknown, message: RegExp]>([
  [
    'a topic with the times of senders',
    [{ logAppendTime: '-1' }],
    /^topic clock keeps the times of senders.*LogAppend/,
  ],
  ['a broker that says no time', [{ baseOffset: '1' }], /^what Kafka acknowledges of clock/],
  ['an empty answer', [], /^what Kafka acknowledges of clock/],
])('%s is refused', async (_, answer, message) => {
  const read = new BrokerClock(async () => ({ send: async () => answer as never }), 'clock', host);
  await expect(read.read()).rejects.toThrow(message);
});
