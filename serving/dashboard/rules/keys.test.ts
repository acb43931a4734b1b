import { expect, test } from 'vitest';
import { changeByKey, KEY_WORDS } from './keys.ts';
import { DEFAULT_VIEW } from './view.ts';

test.each([
  ['d', {}, { period: 'today', unit: '' }],
  ['W', {}, { period: '7d', unit: '' }],
  ['x', {}, { compare: 'none' }],
  ['x', { compare: 'none' as const }, { compare: 'before' }],
  ['c', {}, { complete: true }],
  ['Enter', {}, null],
  ['constructor', {}, null],
])('%s on %o changes %o', (key, view, change) => {
  expect(changeByKey(key, { ...DEFAULT_VIEW, ...view })).toEqual(change);
});

test('the help names every key that changes the view', () => {
  const named = KEY_WORDS.map(([key]) => key).filter((key) => /\w/.test(key));
  expect(named.filter((key) => changeByKey(key, DEFAULT_VIEW) === null)).toEqual([]);
});
