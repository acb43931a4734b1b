import { expect, it } from 'vitest';
import { dayArgument } from './arguments/day.ts';
import { rebuildDays } from './rebuild.ts';

it('takes every day of the range', () => {
  expect(rebuildDays('2020-12-31', '2021-01-02')).toEqual(['2020-12-31', '2021-01-01']);
  expect(rebuildDays('2021-01-09', '2021-01-10')).toEqual(['2021-01-09']);
});

it.each([
  ['2021-01-02', '2021-01-02', '--from 2021-01-02 is not before --to 2021-01-02'],
  ['2021-01-03', '2021-01-02', '--from 2021-01-03 is not before --to 2021-01-02'],
  ['1999-12-31', '2000-01-02', '1999-12-31 is before 2000-01-01'],
])('refuses %s to %s', (from, to, message) => expect(() => rebuildDays(from, to)).toThrow(message));

it.each(['2021-02-30', '2021-1-1', 'yesterday', ''])('"%s" is no day', (text) => {
  expect(() => dayArgument(text)).toThrow('Expected a day');
});
