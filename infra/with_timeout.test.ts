import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withTimeout } from './with_timeout.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = new Promise<never>(() => {});
const fail = (): never => {
  throw new Error('too late');
};

test('work that ends in time is what it comes to, and no timer is left', async () => {
  expect(await withTimeout(Promise.resolve(1), 1_000, fail)).toBe(1);
  await expect(withTimeout(Promise.reject(new Error('full')), 1_000, fail)).rejects.toThrow('full');
  expect(vi.getTimerCount()).toBe(0);
});

test('work that does not is what is done when it is late', async () => {
  const value = withTimeout(never, 1_000, () => 'given up');
  const error = withTimeout(never, 1_000, fail);
  error.catch(() => {});
  await vi.advanceTimersByTimeAsync(999);
  expect(vi.getTimerCount()).toBe(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(await value).toBe('given up');
  await expect(error).rejects.toThrow('too late');
});

test('when the work fails because it is ended for being late, it is late all the same', async () => {
  let end: (error: Error) => void = () => {};
  const work = new Promise<never>((_, reject) => {
    end = reject;
  });
  const limited = withTimeout(work, 1_000, () => {
    end(new Error('ended'));
    return fail();
  });
  limited.catch(() => {});
  await vi.advanceTimersByTimeAsync(1_000);
  await expect(limited).rejects.toThrow('too late');
});

test('a failure after that is no unhandled one', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  const work = new Promise<never>((_, reject) => setTimeout(() => reject(new Error('full')), 2_000));
  const limited = withTimeout(work, 1_000, () => 'given up');
  await vi.advanceTimersByTimeAsync(3_000);
  vi.useRealTimers();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', unhandled);
  expect(await limited).toBe('given up');
  expect(unhandled).not.toHaveBeenCalled();
});
