import { expect, test } from 'vitest';
import type { ElasticsearchClient } from '../../../infra/clients/elasticsearch.ts';
import { batchedSearch } from './batched_search.ts';

interface Request {
  indexes: unknown[];
  signal: AbortSignal;
  answer: (responses: unknown[]) => void;
  fail: (error: Error) => void;
}

function recording() {
  const requests: Request[] = [];
  const msearch = ({ searches }: { searches: { index?: unknown }[] }, { signal }: { signal: AbortSignal }) =>
    new Promise((resolve, reject) => {
      const indexes = searches.filter((_, i) => i % 2 === 0).map(({ index }) => index);
      requests.push({ indexes, signal, answer: (responses) => resolve({ responses }), fail: reject });
    });
  return { client: { msearch } as unknown as ElasticsearchClient, requests };
}
const search = (index: string | string[]) => [{ index }, { size: 0 }];
const ever = new AbortController().signal;
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('searches of the same moment go in one request, and each gets its own answers', async () => {
  const { client, requests } = recording();
  const asked = [search('a'), [...search('b'), ...search('c')], search('d')].map((some) =>
    batchedSearch(client, some, ever),
  );
  await turn();
  expect(requests.map(({ indexes }) => indexes)).toEqual([['a', 'b', 'c', 'd']]);
  requests[0]?.answer([1, 2, 3, 4]);
  expect(await Promise.all(asked)).toEqual([[1], [2, 3], [4]]);
  const later = batchedSearch(client, search('e'), ever);
  await turn();
  requests[1]?.answer([5]);
  expect(await later).toEqual([5]);
});

test('a search of many indexes goes alone, and no request has too many', async () => {
  const { client, requests } = recording();
  for (let i = 0; i < 40; i++) void batchedSearch(client, search(`${i}`), ever);
  void batchedSearch(client, search(['a', 'b', 'c', 'd', 'e']), ever);
  await turn();
  expect(requests.map(({ indexes }) => indexes.length)).toEqual([32, 1, 8]);
});

test('a request is cancelled when all its callers are gone, and not before', async () => {
  const { client, requests } = recording();
  const [one, other] = [new AbortController(), new AbortController()];
  const asked = [one, other].map(({ signal }, i) => batchedSearch(client, search(`${i}`), signal));
  await turn();
  one.abort();
  expect(requests[0]?.signal.aborted).toBe(false);
  other.abort();
  expect(requests[0]?.signal.aborted).toBe(true);
  requests[0]?.fail(new Error('aborted'));
  for (const each of asked) await expect(each).rejects.toThrow('aborted');
});
