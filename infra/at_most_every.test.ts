import { afterEach, expect, test, vi } from 'vitest';
import { atMostEvery } from './at_most_every.ts';

afterEach(() => vi.restoreAllMocks());

test.each([
  ['at first, however young the process is', [0], [true]],
  ['not again too soon', [0, 999, 1_000, 1_500, 2_000], [true, false, true, false, true]],
])('%s', (_case, times, expected) => {
  const now = vi.spyOn(performance, 'now');
  const isTime = atMostEvery(1_000);
  const said = times.map((ms) => {
    now.mockReturnValue(ms);
    return isTime();
  });
  expect(said).toEqual(expected);
});
