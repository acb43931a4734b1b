import { expect, test } from 'vitest';
import { partitionOf } from './partition.ts';

test('the partition of an event id never changes', () => {
  expect(['a', 'host:generation:0', '7f3c', 'é'].map((id) => partitionOf(id, 8))).toEqual([3, 2, 4, 6]);
});

test.each([
  ['ids made from line positions', (n: number) => `web-1:abcdefghijkl:${n * 71}`],
  ['counted ids', (n: number) => String(n)],
  ['hexadecimal ids', (n: number) => (n * 2_654_435_761).toString(16)],
])('%s spread evenly over partitions', (_, idOf) => {
  const [clicks, partitions] = [80_000, 8];
  const counts = new Array<number>(partitions).fill(0);
  for (let n = 0; n < clicks; n++) {
    const partition = partitionOf(idOf(n), partitions);
    counts[partition] = (counts[partition] ?? Number.NaN) + 1;
  }
  for (const count of counts) expect(Math.abs(count - clicks / partitions)).toBeLessThan(500);
});
