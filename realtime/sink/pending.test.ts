import { expect, test } from 'vitest';
import { isTokenKnown, judgePending } from './pending.ts';

const RANGE = { from: 100, to: 150 };
const EXPECTED = { clicks: 40, copies: 7 };
const KEPT = { isTokenKnown: true, isRawKept: true };
const why = (
  stored: { clicks: number; copies: number },
  circumstances: Partial<typeof KEPT> = {},
  expected = EXPECTED,
) => judgePending('clicks-3', RANGE, stored, expected, { ...KEPT, ...circumstances })?.what ?? null;

const NONE = { clicks: 0, copies: 0 };

test.each<[string, { clicks: number; copies: number }, Partial<typeof KEPT>]>([
  ['nothing is stored, and raw rows of that age are kept', NONE, {}],
  ['nothing is stored, though the token is forgotten', NONE, { isTokenKnown: false }],
  ['all is stored, and the token is known', EXPECTED, {}],
  ['only the copies are stored, which are written first, and the token is known', { clicks: 0, copies: 7 }, {}],
  [
    'all is stored, and the token is known, though rows of that age may have been dropped',
    EXPECTED,
    { isRawKept: false },
  ],
])('written if %s', (_, stored, circumstances) => {
  expect(why(stored, circumstances)).toBeNull();
});

test.each<[string, { clicks: number; copies: number }, Partial<typeof KEPT>, string]>([
  [
    'all is stored, and the token is forgotten',
    EXPECTED,
    { isTokenKnown: false },
    'has forgotten whether it also counted',
  ],
  ['a part is stored', { clicks: 39, copies: 7 }, {}, 'has 39 clicks of them, not 40'],
  ['a part of the copies is stored', { clicks: 40, copies: 6 }, {}, 'has 6 copies of them, not 7'],
  [
    'the clicks are stored, and not the copies that were written before',
    { clicks: 40, copies: 0 },
    {},
    'none of 7 copies',
  ],
  [
    'only the copies are stored, and the token is forgotten',
    { clicks: 0, copies: 7 },
    { isTokenKnown: false },
    'has forgotten',
  ],
  ['more is stored than there is', { clicks: 41, copies: 7 }, {}, 'has 41 clicks'],
  [
    'nothing is stored, and rows of that age may be gone',
    NONE,
    { isRawKept: false },
    'rows of that age may have been dropped',
  ],
])('stopped if %s', (_, stored, circumstances, expected) => {
  expect(why(stored, circumstances)).toContain(expected);
  expect(why(stored, circumstances)).toContain('messages 100 to 149 of clicks-3 may or may not have been counted');
});

test('a range without any row is written whatever its age', () => {
  expect(why(NONE, { isRawKept: false, isTokenKnown: false }, NONE)).toBeNull();
});

test.each<[string, number[] | null, number[], boolean]>([
  ['nothing was written since', [5, 6, 7, 8], [5, 6, 7, 8], true],
  ['it was the first block of all', [0, 0, 0, 0], [1, 0, 1, 1], true],
  ['little was written since', [5, 6, 7, 8], [5, 6, 49_000, 8], true],
  ['one table was written so often that it may have forgotten', [5, 6, 7, 8], [5, 6, 50_007, 8], false],
  ['a table is missing', [5, 6, 7, 8], [5, 6, 7], false],
  ['it is not on record', null, [1, 2, 3, 4], true],
])('whether a token is known: %s', (_, begun, now, expected) => {
  expect(isTokenKnown(begun, now)).toBe(expected);
});
