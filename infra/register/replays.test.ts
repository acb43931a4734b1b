import { describe, expect, test } from 'vitest';
import { memoryRegister } from '../../test/support/memory_register.ts';
import { endOf, endReplay, takeReplayNumber } from './replays.ts';

describe('a replay ends once', () => {
  test.each([
    ['decided', 'given up'],
    ['given up', 'decided'],
  ] as const)('%s, and %s comes too late', async (first, second) => {
    const register = memoryRegister();
    expect(await endOf(register, 7)).toBeNull();
    expect(await endReplay(register, 7, first)).toBe(first);
    expect(await endReplay(register, 7, second)).toBe(first);
    expect(await endOf(register, 7)).toBe(first);
    expect(await endOf(register, 8)).toBeNull();
  });

  test('of two at once both are told the same', async () => {
    const register = memoryRegister();
    const ends = await Promise.all([endReplay(register, 1, 'decided'), endReplay(register, 1, 'given up')]);
    expect(new Set(ends).size).toBe(1);
  });
});

test('numbers are above those of the register and those of ClickHouse, and never the same', async () => {
  const register = memoryRegister();
  expect(await takeReplayNumber(register, 0, {})).toBe(1);
  expect(await takeReplayNumber(register, 0, {})).toBe(2);
  expect(await takeReplayNumber(register, 9, {})).toBe(10);
  const both = await Promise.all([takeReplayNumber(register, 0, {}), takeReplayNumber(register, 0, {})]);
  expect(both.sort()).toEqual([11, 12]);
});
