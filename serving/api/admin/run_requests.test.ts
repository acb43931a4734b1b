import { expect, it } from 'vitest';
import { checkDays, runsBody } from './run_requests.ts';

const NOW = Date.parse('2021-01-10T12:00:00Z');

it.each([
  ['2021-01-09', '2021-01-10'],
  ['2020-01-10', '2021-01-10'],
])('takes the ended days %s to %s', (from, to) => checkDays({ from, to }, NOW));

it.each([
  ['2021-01-02', '2021-01-02', /^from: expected a day before/],
  ['2021-01-03', '2021-01-02', /^from: expected a day before/],
  ['2021-01-09', '2021-01-11', /^to: expected at most 2021-01-10/],
  ['2022-01-01', '2022-01-02', /^to: expected at most 2021-01-10/],
  ['2020-01-01', '2021-01-10', /^to: expected at most 366 days/],
])('refuses %s to %s', (from, to, message) => expect(() => checkDays({ from, to }, NOW)).toThrow(message));

const body = { from: '2021-01-01', to: '2021-01-02', reason: 'why' };
it.each([
  [{ ...body, from: '2021-02-30' }],
  [{ ...body, from: '1999-12-31' }],
  [{ ...body, to: 20210102 }],
  [{ ...body, reason: '  ' }],
  [{ ...body, reason: 'x'.repeat(501) }],
  [{ from: '2021-01-01', to: '2021-01-02' }],
  [{ ...body, force: true }],
  [[]],
  [null],
])('refuses the body %j', (given) => expect(runsBody.strict().safeParse(given).success).toBe(false));
