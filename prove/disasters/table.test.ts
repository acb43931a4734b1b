import { expect, test } from 'vitest';
import { chosen, DISASTERS } from './table.ts';

const names = (seed: number, only?: string[]) => chosen(seed, only).map(({ name }) => name);

test('a seed has all disasters once, always in the same order, another one in another', () => {
  expect(names(3)).toEqual(names(3));
  expect(new Set([1, 2, 3, 4, 5].map((seed) => names(seed).join())).size).toBeGreaterThan(1);
  expect(names(3).sort()).toEqual(DISASTERS.map(({ name }) => name).sort());
  expect(new Set(names(3)).size).toBe(DISASTERS.length);
});

test('one is chosen by name, and for an unknown one there is the list', () => {
  expect(names(3, ['clickhouse-lost'])).toEqual(['clickhouse-lost']);
  expect(() => chosen(3, ['clickhouse-lost', 'flood'])).toThrow(
    /there is no disaster "flood"; there are clickhouse-lost, /,
  );
});
