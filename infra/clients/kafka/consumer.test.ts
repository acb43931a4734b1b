import type { Consumer, ConsumerConfig, Kafka } from 'kafkajs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createMember, createReader, MEMBERSHIP, withHeartbeats } from './consumer.ts';

type OnCrash = (event: { payload: { error: Error; restart: boolean } }) => void;

/** A client that only keeps what its consumers are made with, and who listens to them. */
function client() {
  const made: ConsumerConfig[] = [];
  const listeners: OnCrash[] = [];
  const consumer = { events: { CRASH: 'crash' }, on: (_: string, listener: OnCrash) => void listeners.push(listener) };
  const kafka = {
    consumer(config: ConsumerConfig): Consumer {
      made.push(config);
      return consumer as unknown as Consumer;
    },
  } as Kafka;
  return { kafka, made, listeners };
}

const MEMBER = { groupId: 'g', maxWaitMs: 250, onCrash: () => {} };

describe('a member', () => {
  test('has the session of all members, and leaves what it is not told to kafkajs', () => {
    const { kafka, made } = client();
    createMember(kafka, { ...MEMBER, rejoins: true });
    createMember(kafka, { ...MEMBER, rejoins: true, maxBytesPerPartition: 7 });
    const common = { groupId: 'g', ...MEMBERSHIP, minBytes: 65_536, maxWaitTimeInMs: 250 };
    expect(made).toEqual([common, { ...common, maxBytesPerPartition: 7 }]);
    expect(Object.keys(made[0] ?? {})).not.toContain('retry');
  });

  test('does not join again after a failure unless it is told to', async () => {
    const { kafka, made } = client();
    createMember(kafka, MEMBER);
    expect(await made[0]?.retry?.restartOnFailure?.(new Error('x'))).toBe(false);
  });

  test('tells of a failure after which it reads no more, and of no other', () => {
    const { kafka, listeners } = client();
    const told: string[] = [];
    createMember(kafka, { ...MEMBER, onCrash: ({ message }) => told.push(message) });
    for (const restart of [true, false]) {
      listeners[0]?.({ payload: { error: new Error(`restart ${restart}`), restart } });
    }
    expect(told).toEqual(['restart false']);
  });
});

test('readers of one name are in groups of their own, for minutes without a sign of life', async () => {
  const { kafka, made } = client();
  createReader(kafka, 'reader');
  createReader(kafka, 'reader');
  expect(new Set(made.map(({ groupId }) => groupId)).size).toBe(2);
  expect(made[0]).toMatchObject({ sessionTimeout: 300_000, maxWaitTimeInMs: 100 });
  expect(await made[0]?.retry?.restartOnFailure?.(new Error('x'))).toBe(false);
});

afterEach(() => vi.useRealTimers());

test('heartbeats go on during work, whether the broker takes them or not, and end with it', async () => {
  vi.useFakeTimers();
  const heartbeat = vi.fn(async () => {
    throw new Error('a rebalance');
  });
  let finish: (said: string) => void = () => {};
  const work = new Promise<string>((resolve) => {
    finish = resolve;
  });
  const done = withHeartbeats(heartbeat, work);
  await vi.advanceTimersByTimeAsync(2.5 * MEMBERSHIP.heartbeatInterval);
  expect(heartbeat).toHaveBeenCalledTimes(2);
  finish('done');
  expect(await done).toBe('done');
  await vi.advanceTimersByTimeAsync(5 * MEMBERSHIP.heartbeatInterval);
  expect(heartbeat).toHaveBeenCalledTimes(2);
});
