import { expect, test } from 'vitest';
import { partDone, stepInWords } from './steps.ts';

test.each([
  ['rebuild', 1, 0, null, 0],
  ['rebuild', 1, 0, 'begun', 0.1],
  ['rebuild', 1, 0, 'followed', 0.9],
  ['rebuild', 2, 1, 'over', 0.5],
  ['rebuild', 2, 1, 'begun', 0.55],
  ['rebuild', 1, 1, 'over', 1],
  ['preview', 1, 0, 'reconciled', 5 / 6],
  ['redrive', 0, 0, '40 rejections read', 0],
] as const)('%s of %i days with %i over and step %s is done by %d', (action, days, over, step, part) => {
  expect(partDone(action, days, over, step)).toBeCloseTo(part, 9);
});

test('a step that is not known stands as it is', () => {
  expect([stepInWords('counted'), stepInWords('40 read')]).toEqual(['counted', '40 read']);
});
