import { describe, expect, test } from 'vitest';
import { askedTogether, CLICKS_ASKED_TOGETHER, type OffsetRange } from './minutes.ts';

const range = (partition: number, clicks: number): OffsetRange => ({
  topicPartition: `clicks:${partition}`,
  fromOffset: 1_000,
  toOffset: 1_000 + clicks,
});

describe('ranges that are asked about together', () => {
  const most = CLICKS_ASKED_TOGETHER;

  test.each<[what: string, clicks: number[], groups: number[][]]>([
    ['none', [], []],
    ['all, if little came', [1, 2, 3], [[1, 2, 3]]],
    ['up to so many clicks', [most - 1, 1, 1], [[most - 1, 1], [1]]],
    ['one that is larger stands alone', [1, most + 1, 1], [[1], [most + 1], [1]]],
  ])('%s', (_, clicks, groups) => {
    const together = askedTogether(clicks.map((each, partition) => range(partition, each)));
    expect(together.map((group) => group.map(({ fromOffset, toOffset }) => toOffset - fromOffset))).toEqual(groups);
    expect(together.flat().map(({ topicPartition }) => topicPartition)).toEqual(clicks.map((_, i) => `clicks:${i}`));
  });
});
