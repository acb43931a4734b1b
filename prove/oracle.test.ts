import { expect, test } from 'vitest';
import { type Counts, compare, perMinute } from './oracle.ts';

const counts = (entries: Record<string, number>): Counts => new Map(Object.entries(entries));

test.each([
  ['nothing at all', {}, {}, { counted: 0, lost: 0, doubled: 0 }],
  ['the same', { a: 2, b: 1 }, { a: 2, b: 1 }, { counted: 3, lost: 0, doubled: 0 }],
  ['a missing key', { a: 2, b: 1 }, { a: 2 }, { counted: 2, lost: 1, doubled: 0 }],
  ['an unknown key', { a: 2 }, { a: 2, c: 4 }, { counted: 6, lost: 0, doubled: 4 }],
  [
    'one too few in one place, one too many in another',
    { a: 2, b: 1 },
    { a: 1, b: 2 },
    { counted: 3, lost: 1, doubled: 1 },
  ],
])('compares %s', (_, truth, got, difference) => {
  expect(compare(counts(truth), counts(got))).toEqual(difference);
});

test('facts are counted per ad, minute and country', () => {
  const fact = { ad: 'a', at: 60_000, user: 'u', ip: '10.0.0.1', country: 'USA', id: null };
  expect(perMinute([fact, { ...fact, at: 119_999 }, { ...fact, at: 120_000 }, { ...fact, country: 'DEU' }])).toEqual(
    counts({ 'a|60000|USA': 2, 'a|120000|USA': 1, 'a|60000|DEU': 1 }),
  );
});
