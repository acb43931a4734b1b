import { expect, test } from 'vitest';
import { NOTHING_COUNTED, type Progress } from '../sink/intent.ts';
import { progressAt } from './rewind.ts';

const COMMITTED: Progress = {
  ...NOTHING_COUNTED,
  offset: 50,
  pending: 60,
  arrivedMs: 5_000,
  rejected: 3,
  stored: 48,
  inserts: [1, 2],
  before: { value: 'b', time_ms: 5_000 },
};

test('where the archive ends, with what its last manifest says, and nothing pending', () => {
  const position = { offset: 40, arrivedMs: 4_000, rejected: 2, before: { value: 'a', time_ms: 4_000 } };
  expect(progressAt(COMMITTED, 1, 40, position)).toEqual({
    ...position,
    generation: 1,
    pending: null,
    stored: null,
    inserts: null,
  });
});

test('where the sink had come, with what it said itself', () => {
  expect(progressAt(COMMITTED, 2, 50, undefined)).toEqual({
    ...COMMITTED,
    generation: 2,
    pending: null,
    stored: null,
    inserts: null,
  });
});

test('another offset, of which nothing is known, is refused', () => {
  expect(() => progressAt(COMMITTED, 1, 45, undefined)).toThrow('the sink committed 50, and the tables end at 45');
});
