import { expect, test } from 'vitest';
import { decodeProgress, encodeMetadata, NOTHING_COUNTED, type Progress } from './intent.ts';

test.each<Progress>([
  { ...NOTHING_COUNTED, offset: 7 },
  {
    generation: 2,
    offset: 7,
    pending: 9,
    arrivedMs: 1_609_459_200_000,
    rejected: 2,
    before: { value: '1f', time_ms: 1_609_459_200_000 },
    stored: 5,
    inserts: [1, 2, 3, 4],
  },
])('%j is read as it was committed', (progress) => {
  expect(decodeProgress(progress.offset, encodeMetadata(progress))).toEqual(progress);
});

test('an offset without metadata has nothing pending', () => {
  expect(decodeProgress(7, '')).toEqual({ ...NOTHING_COUNTED, offset: 7, stored: null });
  expect(decodeProgress(0, '')).toEqual(NOTHING_COUNTED);
});

test('metadata of release 0.1.0 has no fingerprint, and what must be stored is not known', () => {
  const progress = { ...NOTHING_COUNTED, offset: 7, pending: 9, arrivedMs: 1_000, rejected: 2, stored: null };
  expect(decodeProgress(7, '{"pending":9,"arrived":1000,"rejected":2}')).toEqual(progress);
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
