import { expect, it } from 'vitest';
import { rollbackTarget } from './rollback.ts';

const day = '2021-01-01';

it.each([
  ['from the current run to the one before', [1, 2], 2, 1],
  ['past one that was never published', [1, 3], 3, 1],
  ['from the first to real time', [1], 1, 0],
  ['to an older run that is named', [1, 2, 3], 1, 1],
  ['not to one that was itself rolled back', [1, 2, 1, 3], 3, 1],
  ['from a run that was returned to, to the one before it', [1, 2, 1], 1, 0],
  ['to real time after real time', [1, 0, 2], 2, 0],
])('goes back %s', (_, history, run, to) => expect(rollbackTarget(history, { day, run })).toBe(to));

it.each([
  ['a run that was never published', [1], 2, 'no run 2'],
  ['any of a day that was never published', [], 1, 'no run 1'],
  ['one newer than the current', [1, 2, 1], 2, 'answered from run 1'],
  ['one of a day at real time', [1, 0], 1, 'answered from its real-time counts'],
])('refuses %s', (_, history, run, message) => {
  expect(() => rollbackTarget(history, { day, run })).toThrow(message);
});
