import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstUncounted } from './first_uncounted.ts';

/** Kafka's messages from `cut` on are others than were counted; of the counted ones, some were rejected. */
async function found({ low, length, counted, cut, rejected }: Case): Promise<{ offset: number; reads: number }> {
  let reads = 0;
  const stored = Array.from({ length: counted }, (_, offset) => ({ offset, arrivedMs: 1_000 + offset }));
  const rows = stored.filter(({ offset }) => !rejected.has(offset));
  const offset = await firstUncounted(
    { low, high: length, counted },
    {
      storedNear: async (middle, from, to) =>
        rows.find((row) => row.offset >= middle && row.offset < to) ??
        rows.findLast((row) => row.offset < middle && row.offset >= from) ??
        null,
      arrivalInKafka: async (at) => {
        reads += 1;
        expect(at).toBeGreaterThanOrEqual(low);
        expect(at).toBeLessThan(length);
        return at < cut ? 1_000 + at : 5_000_000 + at;
      },
    },
  );
  return { offset, reads };
}

interface Case {
  low: number;
  length: number;
  counted: number;
  cut: number;
  rejected: Set<number>;
}

test('between the last message that is known to be counted and the first that is known not to be', async () => {
  const upTo = fc.integer({ min: 0, max: 60 });
  const cases = fc.record({ low: upTo, length: upTo, counted: upTo, cut: upTo, gaps: fc.array(upTo) });
  await fc.assert(
    fc.asyncProperty(cases, async ({ low, length, counted, cut, gaps }) => {
      fc.pre(low <= length);
      const rejected = new Set(gaps);
      const { offset } = await found({ low, length, counted, cut, rejected });
      const isRow = (at: number): boolean => at < counted && !rejected.has(at);
      for (let at = low; at < length; at++) {
        if (isRow(at) && at < cut) expect(offset).toBeGreaterThan(at);
        if (at >= cut || at >= counted) expect(offset).toBeLessThanOrEqual(Math.max(at, low));
      }
    }),
  );
});

test('a long log takes few reads', async () => {
  const { offset, reads } = await found({ low: 0, length: 5_000, counted: 4_800, cut: 3_217, rejected: new Set() });
  expect(offset).toBe(3_217);
  expect(reads).toBeLessThan(20);
});
