import { expect, test } from 'vitest';
import { cachedRead, memoizeByObject } from './cached_read.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

function counting() {
  const readings: { answer: (n: number) => void; fail: () => void }[] = [];
  const read = () =>
    new Promise<number>((resolve, reject) => readings.push({ answer: resolve, fail: () => reject(new Error('away')) }));
  let nowMs = 0;
  const ask = cachedRead(100, read, () => nowMs);
  const askAt = (ms: number) => {
    nowMs = ms;
    return ask();
  };
  return { readings, askAt };
}

test('callers share a reading while it is fresh, in flight or done', async () => {
  const { readings, askAt } = counting();
  const [first, second] = [askAt(0), askAt(40)];
  readings[0]?.answer(1);
  expect(await Promise.all([first, second, askAt(50)])).toEqual([1, 1, 1]);
  expect(readings).toHaveLength(1);
});

test('the next one is read while the last is still fresh, and replaces it when it is done', async () => {
  const { readings, askAt } = counting();
  const first = askAt(0);
  readings[0]?.answer(1);
  expect(await Promise.all([first, askAt(60), askAt(70)])).toEqual([1, 1, 1]);
  expect(readings).toHaveLength(2);
  readings[1]?.answer(2);
  await turn();
  expect(await askAt(80)).toBe(2);
  // Too old now; the next one is in flight and fresh enough.
  expect(await askAt(130)).toBe(2);
  const waiting = askAt(190);
  expect(readings).toHaveLength(3);
  readings[2]?.answer(3);
  expect(await waiting).toBe(3);
});

test('a next one that fails changes nothing', async () => {
  const { readings, askAt } = counting();
  const first = askAt(0);
  readings[0]?.answer(1);
  expect(await Promise.all([first, askAt(60)])).toEqual([1, 1]);
  readings[1]?.fail();
  await turn();
  expect(await askAt(90)).toBe(1);
  readings[2]?.answer(3);
  await turn();
  expect(await askAt(95)).toBe(3);
});

test('a stale reading is not returned, even if it is still in flight', async () => {
  const { readings, askAt } = counting();
  const first = askAt(0);
  const second = askAt(101);
  expect(readings).toHaveLength(2);
  readings[1]?.answer(2);
  expect(await second).toBe(2);
  readings[0]?.answer(1);
  expect(await first).toBe(1);
  expect(await askAt(150)).toBe(2);
});

test('a failure goes to those who waited for it, and the next caller reads again', async () => {
  const { readings, askAt } = counting();
  const first = askAt(0);
  readings[0]?.fail();
  await expect(first).rejects.toThrow('away');
  const next = askAt(1);
  readings[1]?.answer(2);
  expect(await next).toBe(2);
});

test('each object has its own', () => {
  const of = memoizeByObject((key: { n: number }) => ({ twice: key.n * 2 }));
  const [a, b] = [{ n: 1 }, { n: 2 }];
  expect(of(a)).toBe(of(a));
  expect(of(b).twice).toBe(4);
});
