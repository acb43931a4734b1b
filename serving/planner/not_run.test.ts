import { expect, test } from 'vitest';
import { firstDayBefore, splitAtFirstRun } from './not_run.ts';

const at = (text: string): number => Date.parse(`2026-01-${text}Z`);
const range = (from: string, to: string) => ({ fromMs: at(from), toMs: at(to) });
const FIRST = at('10T15:30');

test.each([
  ['before the day', range('08T00:00', '10T00:00'), range('08T00:00', '10T00:00'), null, null],
  [
    'up to the day',
    range('08T00:00', '10T12:00'),
    range('08T00:00', '10T00:00'),
    range('10T00:00', '10T12:00'),
    range('10T00:00', '10T12:00'),
  ],
  [
    'over it',
    range('09T23:59', '12T00:00'),
    range('09T23:59', '10T00:00'),
    range('10T00:00', '12T00:00'),
    range('10T00:00', '10T15:30'),
  ],
  ['after it, on the day', range('10T15:30', '10T15:31'), null, range('10T15:30', '10T15:31'), null],
  ['the days after', range('11T00:00', '12T00:00'), null, range('11T00:00', '12T00:00'), null],
])('a range %s of the first run', (_, asked, notRun, run, first) => {
  expect(splitAtFirstRun(asked, FIRST)).toEqual({ notRun, run });
  expect(firstDayBefore(asked, FIRST)).toEqual(first);
});

test('a kind that was always run has no days before', () => {
  const asked = range('08T00:00', '10T00:00');
  expect(splitAtFirstRun(asked, null)).toEqual({ notRun: null, run: asked });
  expect(firstDayBefore(asked, null)).toBeNull();
});
