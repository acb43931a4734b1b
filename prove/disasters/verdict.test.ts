import { expect, test } from 'vitest';
import { isPassed, verdictOf } from './verdict.ts';

test.each([
  [{ noticedSeconds: null, isMended: false, exact: true }, 'exact'],
  [{ noticedSeconds: 90, isMended: false, exact: true }, 'exact'],
  [{ noticedSeconds: 60, isMended: true, exact: true }, 'mended'],
  [{ noticedSeconds: 61, isMended: true, exact: true }, 'late'],
  [{ noticedSeconds: 61, isMended: false, exact: false }, 'late'],
  [{ noticedSeconds: null, isMended: false, exact: false }, 'silent'],
  [{ noticedSeconds: 5, isMended: true, exact: false }, 'unmended'],
  [{ noticedSeconds: 5, isMended: false, exact: false }, 'unmended'],
])('%j is %s', (outcome, verdict) => {
  expect(verdictOf(outcome)).toBe(verdict);
});

test('only right numbers pass, by themselves or by the command', () => {
  expect((['exact', 'mended', 'late', 'silent', 'unmended'] as const).filter(isPassed)).toEqual(['exact', 'mended']);
});
