import { describe, expect, test } from 'vitest';
import { groupRanges, MAX_CLICKS_PER_QUERY, type OffsetRange } from './minutes.ts';

const range = (partition: number, clicks: number): OffsetRange => ({
  topicPartition: `clicks:${partition}`,
  fromOffset: 1_000,
  toOffset: 1_000 + clicks,
});

describe('ranges that share a query', () => {
  const most = MAX_CLICKS_PER_QUERY;

  test.each<[what: string, clicks: number[], groups: number[][]]>([
    ['none', [], []],
    ['all, if few clicks came', [1, 2, 3], [[1, 2, 3]]],
    ['up to the limit of clicks', [most - 1, 1, 1], [[most - 1, 1], [1]]],
    ['a larger one gets its own query', [1, most + 1, 1], [[1], [most + 1], [1]]],
  ])('%s', (_, clicks, groups) => {
    const together = groupRanges(clicks.map((each, partition) => range(partition, each)));
    expect(together.map((group) => group.map(({ fromOffset, toOffset }) => toOffset - fromOffset))).toEqual(groups);
    expect(together.flat().map(({ topicPartition }) => topicPartition)).toEqual(clicks.map((_, i) => `clicks:${i}`));
  });
});
