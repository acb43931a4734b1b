import { expect, test } from 'vitest';
import { createTurns, type Turns } from './turns.ts';

const { signal } = new AbortController();

/** Takes a turn that lasts until it is told to end. */
function begin(turns: Turns, caller: string, begun: string[], name = caller, until: AbortSignal = signal) {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const done = turns.take(caller, until, () => {
    begun.push(name);
    return ended;
  });
  return { done, end };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a caller takes its share, and leaves room for others', async () => {
  const turns = createTurns({ perCaller: 2, inAll: 3 });
  const begun: string[] = [];
  const questions = ['a', 'a', 'a', 'b', 'c'].map((caller) => begin(turns, caller, begun));
  await settled();
  expect([begun, turns.count()]).toEqual([['a', 'a', 'b'], { running: 3, waiting: 2 }]);
  for (const { end } of questions) end();
  await Promise.all(questions.map(({ done }) => done));
  expect([begun, turns.count()]).toEqual([['a', 'a', 'b', 'a', 'c'], { running: 0, waiting: 0 }]);
});

test('callers have their turns one after the other, each in its order', async () => {
  const turns = createTurns({ perCaller: 1, inAll: 1 });
  const begun: string[] = [];
  const asked = ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'].map((name) => begin(turns, name.charAt(0), begun, name));
  for (const { end } of asked) end();
  await Promise.all(asked.map(({ done }) => done));
  expect(begun).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2']);
});

test('a turn ends with its work, whatever comes of it', async () => {
  const turns = createTurns({ perCaller: 1, inAll: 1 });
  const failing = turns.take('a', signal, () => Promise.reject(new Error('no')));
  const next = turns.take('a', signal, async () => 7);
  await expect(failing).rejects.toThrow('no');
  expect([await next, turns.count()]).toEqual([7, { running: 0, waiting: 0 }]);
});

test.each<[who: string, caller: string, status: number, type: RegExp]>([
  ['the caller has its share already', 'a', 429, /too-many-questions$/],
  ['others have all there is', 'b', 503, /busy$/],
])('a question whose turn does not come in time is refused: %s', async (_, caller, status, type) => {
  const turns = createTurns({ perCaller: 1, inAll: 1, waitMs: 20 });
  const begun: string[] = [];
  const first = begin(turns, 'a', begun);
  const late = begin(turns, caller, begun);
  await expect(late.done).rejects.toMatchObject({ status, type: expect.stringMatching(type) });
  first.end();
  await first.done;
  expect([begun, turns.count()]).toEqual([['a'], { running: 0, waiting: 0 }]);
});

test('only so many questions of a caller wait', async () => {
  const turns = createTurns({ perCaller: 1, inAll: 2, mostWaiting: 1 });
  const begun: string[] = [];
  const [first, second, third] = [1, 2, 3].map(() => begin(turns, 'a', begun));
  await expect(third?.done).rejects.toMatchObject({ status: 429 });
  const other = begin(turns, 'b', begun);
  for (const question of [first, second, other]) question?.end();
  await Promise.all([first?.done, second?.done, other.done]);
  expect(begun).toEqual(['a', 'b', 'a']);
});

test('a client that goes away leaves its place to the next', async () => {
  const turns = createTurns({ perCaller: 1, inAll: 1 });
  const begun: string[] = [];
  const gone = new AbortController();
  const first = begin(turns, 'a', begun, 'first');
  const leaving = begin(turns, 'a', begun, 'leaving', gone.signal);
  const last = begin(turns, 'a', begun, 'last');
  gone.abort(new Error('gone away'));
  await expect(leaving.done).rejects.toThrow('gone away');
  first.end();
  last.end();
  await last.done;
  expect(begun).toEqual(['first', 'last']);
  await expect(turns.take('a', gone.signal, async () => 1)).rejects.toThrow('gone away');
});
