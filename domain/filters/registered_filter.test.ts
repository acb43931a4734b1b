import { expect, test } from 'vitest';
import { ALL_CLICKS } from './filter.ts';
import { canonicalWhere, filterOf, type Where } from './registered_filter.ts';

test.each<[Where, Partial<typeof ALL_CLICKS>]>([
  [{}, {}],
  [{ not: {} }, {}],
  [{ country: ['USA'] }, { country: { in: ['USA'], not: [] } }],
  [{ country: ['USA'], not: { country: ['DEU'] } }, { country: { in: ['USA'], not: ['DEU'] } }],
  [
    { ip: ['10.0.0.0/8'], not: { user_id: ['u'] } },
    { ip: { in: ['10.0.0.0/8'], not: [] }, user_id: { in: null, not: ['u'] } },
  ],
])('%j is a filter', (where, expected) => {
  expect(filterOf(where)).toEqual({ ...ALL_CLICKS, ...expected });
});

test.each<[Where, string]>([
  [{}, '{}'],
  [{ not: {} }, '{}'],
  [{ not: { country: undefined }, ip: undefined }, '{}'],
  [{ user_id: ['b', 'a', 'b'], country: ['USA'] }, '{"country":["USA"],"user_id":["a","b"]}'],
  [{ not: { user_id: ['u'], country: ['FRA', 'DEU'] } }, '{"not":{"country":["DEU","FRA"],"user_id":["u"]}}'],
])('%j in canonical form is %s', (where, expected) => {
  expect(JSON.stringify(canonicalWhere(where))).toBe(expected);
});
