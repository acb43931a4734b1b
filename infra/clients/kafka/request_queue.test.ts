import { createRequire } from 'node:module';
import { afterEach, expect, test, vi } from 'vitest';

const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue');

const queue = (maxInFlightRequests: number | null = null) =>
  new RequestQueue({
    maxInFlightRequests,
    requestTimeout: 30_000,
    enforceRequestTimeout: false,
    clientId: 'test',
    broker: 'test',
    logger: { debug: () => {}, warn: () => {} },
  });

afterEach(() => vi.useRealTimers());

test('a connection that has nothing to send sets no timer', () => {
  vi.useFakeTimers();
  const idle = queue();
  idle.checkPendingRequests();
  expect(vi.getTimerCount()).toBe(0);
});

test('a request that has to wait is looked at again, and so is the end of a throttle', () => {
  vi.useFakeTimers();
  const full = queue(0);
  full.pending.push({});
  full.canSendSocketRequestImmediately = () => false;
  full.checkPendingRequests();
  expect(vi.getTimerCount()).toBe(1);
  const throttled = queue();
  throttled.maybeThrottle(1_000);
  throttled.checkPendingRequests();
  expect(vi.getTimerCount()).toBe(2);
});
