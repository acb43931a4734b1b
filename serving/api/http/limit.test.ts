import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { withinLimit } from './limit.ts';

const response = () => new EventEmitter() as never;
const until = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

test('an answer in time is returned', async () => {
  expect(await withinLimit(response(), async () => 7)).toBe(7);
});

test('a timeout cancels the work and is a problem', async () => {
  let ended: AbortSignal | undefined;
  const asking = withinLimit(
    response(),
    (signal) => {
      ended = signal;
      return until(signal);
    },
    20,
  );
  await expect(asking).rejects.toMatchObject({ status: 504 });
  expect(ended?.aborted).toBe(true);
});

test('a timeout is a problem, even if the work does not end', async () => {
  await expect(withinLimit(response(), () => new Promise(() => {}), 20)).rejects.toMatchObject({ status: 504 });
});

test('a client that goes away cancels the work', async () => {
  const gone = new EventEmitter();
  const asking = withinLimit(gone as never, until);
  gone.emit('close');
  await expect(asking).rejects.toThrow('gone away');
  expect(gone.listenerCount('close')).toBe(0);
});

test('for a client that has gone away already nothing is begun', async () => {
  const gone = Object.assign(new EventEmitter(), { closed: true });
  const isBegun = vi.fn(async () => 7);
  await expect(withinLimit(gone as never, isBegun)).rejects.toThrow('gone away');
  expect(isBegun).not.toHaveBeenCalled();
});
