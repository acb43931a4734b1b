import { expect, test } from 'vitest';
import { decodeProgress, encodeMetadata, type Progress } from './intent.ts';

test.each<Progress>([
  { offset: 7, pending: null, arrivedMs: null, rejected: 0 },
  { offset: 7, pending: 9, arrivedMs: 1_609_459_200_000, rejected: 2 },
])('%j is read as it was committed', (progress) => {
  expect(decodeProgress(progress.offset, encodeMetadata(progress))).toEqual(progress);
});

test('an offset without metadata has nothing pending', () => {
  expect(decodeProgress(7, '')).toEqual({ offset: 7, pending: null, arrivedMs: null, rejected: 0 });
});

test.each<[string, string]>([
  ['{"pending":9.5,"arrived":null,"rejected":0}', 'pending: '],
  ['{"pending":"9","arrived":null,"rejected":0}', 'pending: '],
  ['{"pending":null,"arrived":null,"rejected":-1}', 'rejected: '],
  ['{"pending":null,"rejected":0}', 'arrived: '],
  ['{"pending":', 'not JSON: '],
])('%s is refused', (text, expected) => {
  expect(() => decodeProgress(7, text)).toThrow(`metadata of the committed offset 7: ${expected}`);
});
