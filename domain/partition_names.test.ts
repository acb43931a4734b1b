import { expect, test } from 'vitest';
import { committedOf, FIRST_NAMES, generationOf, PartitionNames } from './partition_names.ts';

const facts = { reason: 'test', requested_by: 'test', at: '2026-01-01T00:00:00.000Z' };
const names = new PartitionNames(
  new Map([
    [
      'clicks-0',
      [
        { from: 900, ...facts },
        { from: 1_200, ...facts },
      ],
    ],
    ['clicks.eu-1', [{ from: 0, ...facts }]],
  ]),
);

test.each([
  ['clicks', 0, { name: 'clicks~3-0', topic: 'clicks~3', generation: 3, from: 1_200 }],
  ['clicks', 1, { name: 'clicks-1', topic: 'clicks', generation: 1, from: 0 }],
  ['clicks.eu', 1, { name: 'clicks.eu~2-1', topic: 'clicks.eu~2', generation: 2, from: 0 }],
])('%s, partition %d', (topic, partition, named) => {
  expect(names.of(topic, partition)).toEqual(named);
});

test('all names of a partition, in order', () => {
  expect(names.all('clicks', 0)).toEqual(['clicks-0', 'clicks~2-0', 'clicks~3-0']);
  expect(FIRST_NAMES.all('clicks', 0)).toEqual(['clicks-0']);
});

test.each([
  ['', 1],
  ['{"pending":null}', 1],
  ['{"generation":2,"pending":null}', 2],
  ['not JSON', 1],
])('metadata "%s" is of generation %d', (metadata, generation) => {
  expect(generationOf(metadata)).toBe(generation);
});

test('what was committed of another generation is not of this one', () => {
  const second = names.of('clicks.eu', 1);
  expect(committedOf(second, { offset: 40, metadata: '{"rejected":1}' })).toEqual({ offset: 0, metadata: '' });
  expect(committedOf(second, undefined)).toEqual({ offset: 0, metadata: '' });
  const own = { offset: 40, metadata: '{"generation":2}' };
  expect(committedOf(second, own)).toEqual(own);
  expect(committedOf(FIRST_NAMES.of('clicks', 0), undefined)).toBeUndefined();
});
