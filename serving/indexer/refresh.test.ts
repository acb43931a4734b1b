import { errors } from '@elastic/elasticsearch';
import { expect, test } from 'vitest';
import type { ElasticsearchClient } from '../../infra/clients/elasticsearch.ts';
import { CLOSED, NOT_FOUND, refresh } from './refresh.ts';

const refused = (statusCode: number, type: string) =>
  new errors.ResponseError({ statusCode, body: { error: { type } }, warnings: null, meta: {} as never });

/** An Elasticsearch whose shards are refreshed as told, one answer after the other. */
function fake(failed: number[], absent: Record<string, string> = {}) {
  const asked: string[][] = [];
  const elasticsearch = {
    indices: {
      refresh: async ({ index }: { index: string[] }) => {
        asked.push(index);
        const type = index.map((name) => absent[name]).find((type) => type !== undefined);
        if (type !== undefined) throw refused(type === NOT_FOUND ? 404 : 400, type);
        const failures = [{ reason: { reason: 'the disk is full' } }];
        return { _shards: { total: 2, failed: failed[Math.min(asked.length, failed.length) - 1], failures } };
      },
    },
  } as unknown as ElasticsearchClient;
  return { elasticsearch, asked };
}

test('a refresh that failed on a shard is repeated until it has not', async () => {
  const { elasticsearch, asked } = fake([1, 2, 0]);
  expect(await refresh(elasticsearch, ['a', 'b'])).toEqual([]);
  expect(asked).toEqual([
    ['a', 'b'],
    ['a', 'b'],
    ['a', 'b'],
  ]);
});

test('one that goes on failing is an error', async () => {
  const { elasticsearch, asked } = fake([1]);
  await expect(refresh(elasticsearch, ['a'])).rejects.toThrow(
    '1 of 2 shards of a were not refreshed in 5 attempts (the disk is full): the boundary stays where it is',
  );
  expect(asked).toHaveLength(5);
});

test('indexes that are missing or closed are told from the others, which are refreshed', async () => {
  const { elasticsearch, asked } = fake([0], { b: CLOSED, c: NOT_FOUND });
  expect(await refresh(elasticsearch, ['a', 'b', 'c'])).toEqual([
    { index: 'b', isClosed: true },
    { index: 'c', isClosed: false },
  ]);
  expect(asked).toContainEqual(['a']);
});

test('any other refusal is an error', async () => {
  const { elasticsearch } = fake([0], { a: 'security_exception' });
  await expect(refresh(elasticsearch, ['a'])).rejects.toThrow('security_exception');
});
