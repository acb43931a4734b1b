import { expect, test } from 'vitest';
import { coalesce } from './coalesce.ts';

interface Request {
  questions: string[];
  signal: AbortSignal;
  answer: () => void;
  fail: (error: Error) => void;
}

/** Answers each question with itself in capitals. */
function recording(most = 10) {
  const requests: Request[] = [];
  const ask = coalesce<string, string>(
    most,
    (questions, signal) =>
      new Promise((resolve, reject) => {
        const answer = () => resolve(questions.map((question) => question.toUpperCase()));
        requests.push({ questions, signal, answer, fail: reject });
      }),
  );
  return { ask, requests };
}
const ever = new AbortController().signal;
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('the first goes at once, the others together when it is answered, each with its own answer', async () => {
  const { ask, requests } = recording();
  const asked = ['a', 'b', 'c'].map((question) => ask('key', question, ever));
  expect(requests.map(({ questions }) => questions)).toEqual([['a']]);
  requests[0]?.answer();
  await turn();
  expect(requests.map(({ questions }) => questions)).toEqual([['a'], ['b', 'c']]);
  requests[1]?.answer();
  expect(await Promise.all(asked)).toEqual(['A', 'B', 'C']);
  void ask('key', 'd', ever);
  expect(requests[2]?.questions).toEqual(['d']);
});

test('other keys do not wait, and no request has too many', async () => {
  const { ask, requests } = recording(2);
  for (const question of ['a', 'b', 'c', 'd']) void ask('key', question, ever);
  void ask('other', 'x', ever);
  expect(requests.map(({ questions }) => questions)).toEqual([['a'], ['x']]);
  requests[0]?.answer();
  await turn();
  requests[2]?.answer();
  await turn();
  expect(requests.slice(2).map(({ questions }) => questions)).toEqual([['b', 'c'], ['d']]);
});

test('a failure goes to its callers, and the next request follows', async () => {
  const { ask, requests } = recording();
  const [first, second] = [ask('key', 'a', ever), ask('key', 'b', ever)];
  requests[0]?.fail(new Error('away'));
  await expect(first).rejects.toThrow('away');
  await turn();
  requests[1]?.answer();
  expect(await second).toBe('B');
});

test('a request is cancelled when all its callers are gone; a caller that leaves while waiting is not asked for', async () => {
  const { ask, requests } = recording();
  const [one, two, three] = [new AbortController(), new AbortController(), new AbortController()];
  const first = ask('key', 'a', one.signal);
  const [second, third] = [ask('key', 'b', two.signal), ask('key', 'c', three.signal)];
  two.abort(new Error('gone'));
  one.abort();
  expect(requests[0]?.signal.aborted).toBe(true);
  requests[0]?.fail(new Error('aborted'));
  await expect(first).rejects.toThrow('aborted');
  await expect(second).rejects.toThrow('gone');
  expect(requests[1]?.questions).toEqual(['c']);
  requests[1]?.answer();
  expect(await third).toBe('C');
});
