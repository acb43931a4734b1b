import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { limited } from './limited.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const never = new AbortController().signal;

const untilAborted = async (signal: AbortSignal): Promise<string> => {
  if (!signal.aborted) await once(signal, 'abort');
  return (signal.reason as Error).message;
};

test('work that takes too long is cancelled, also after garbage was collected', async () => {
  const ended = limited(never, 200, untilAborted);
  collectGarbage();
  expect(await ended).toBe('no answer within 0.2 s');
});

test('work is cancelled with its signal, also with one that has been aborted before', async () => {
  const leaving = new AbortController();
  const ended = limited(leaving.signal, 60_000, untilAborted);
  leaving.abort(new Error('left'));
  expect(await ended).toBe('left');
  expect(await limited(leaving.signal, 60_000, untilAborted)).toBe('left');
});

test('what the work comes to is passed on', async () => {
  expect(await limited(never, 60_000, async () => 3)).toBe(3);
  await expect(limited(never, 60_000, () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
});
