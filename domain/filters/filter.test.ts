import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALL_CLICKS, both, type Filter, isByCountryOnly, isNothing, matches } from './filter.ts';

const filter = (more: Partial<Filter>): Filter => ({ ...ALL_CLICKS, ...more });
const click = { country: 'USA', ip: '10.1.2.3', user_id: 'user 1' };

test.each<[Filter, boolean]>([
  [ALL_CLICKS, true],
  [filter({ country: { in: ['DEU', 'USA'], not: [] } }), true],
  [filter({ country: { in: ['DEU'], not: [] } }), false],
  [filter({ country: { in: [], not: [] } }), false],
  [filter({ country: { in: null, not: ['DEU'] } }), true],
  [filter({ country: { in: null, not: ['DEU', 'USA'] } }), false],
  [filter({ country: { in: ['USA'], not: ['USA'] } }), false],
  [filter({ ip: { in: ['10.0.0.0/8'], not: [] } }), true],
  [filter({ ip: { in: ['10.0.0.0/8'], not: ['10.1.2.0/24'] } }), false],
  [filter({ ip: { in: null, not: ['2001:db8::/32'] } }), true],
  [filter({ ip: { in: ['::/0'], not: [] } }), false],
  [filter({ user_id: { in: ['user 1'], not: [] } }), true],
  [filter({ user_id: { in: ['USER 1'], not: [] } }), false],
  [filter({ country: { in: ['USA'], not: [] }, user_id: { in: ['user 2'], not: [] } }), false],
])('%j matches a click: %s', (given, expected) => {
  expect(matches(given, click)).toBe(expected);
});

test.each<[Filter, Filter, Filter]>([
  [ALL_CLICKS, ALL_CLICKS, ALL_CLICKS],
  [
    filter({ country: { in: ['USA', 'DEU'], not: ['FRA'] } }),
    filter({ country: { in: ['DEU', 'FRA'], not: ['FRA', 'IND'] } }),
    filter({ country: { in: ['DEU'], not: ['FRA', 'IND'] } }),
  ],
  [
    filter({ country: { in: ['USA'], not: [] } }),
    filter({ country: { in: ['DEU'], not: [] } }),
    filter({ country: { in: [], not: [] } }),
  ],
  [
    filter({ ip: { in: ['10.0.0.0/8', '2001:db8::/32'], not: [] } }),
    filter({ ip: { in: ['10.1.0.0/16', '10.0.0.0/8', '::1/128'], not: [] } }),
    filter({ ip: { in: ['10.0.0.0/8', '10.1.0.0/16'], not: [] } }),
  ],
])('%j and %j', (a, b, expected) => {
  expect(both(a, b)).toEqual(expected);
});

test.each<[Filter, nothing: boolean, byCountryOnly: boolean]>([
  [ALL_CLICKS, false, true],
  [filter({ country: { in: [], not: [] } }), true, true],
  [filter({ country: { in: ['USA'], not: ['USA', 'DEU'] } }), true, true],
  [filter({ country: { in: ['USA', 'FRA'], not: ['USA'] } }), false, true],
  [filter({ ip: { in: ['10.1.0.0/16'], not: ['10.0.0.0/8'] } }), true, false],
  [filter({ ip: { in: ['10.0.0.0/8'], not: ['10.1.0.0/16'] } }), false, false],
  [filter({ user_id: { in: null, not: ['u'] } }), false, false],
  [filter({ user_id: { in: [], not: [] } }), true, false],
])('%j matches nothing: %s, depends on the country only: %s', (given, nothing, byCountryOnly) => {
  expect([isNothing(given), isByCountryOnly(given)]).toEqual([nothing, byCountryOnly]);
});

const membership = (values: string[]) => fc.record({ in: fc.option(fc.subarray(values)), not: fc.subarray(values) });
const NETWORKS = ['0.0.0.0/0', '10.0.0.0/8', '10.1.0.0/16', '10.1.2.3/32', '2001:db8::/32', '2001:db8::7/128'];
const anyFilter = fc.record({
  country: membership(['USA', 'DEU', 'FRA']),
  ip: membership(NETWORKS),
  user_id: membership(['u1', 'u2']),
});
const anyClick = fc.record({
  country: fc.constantFrom('USA', 'DEU', 'FRA'),
  ip: fc.constantFrom('10.1.2.3', '10.1.9.9', '10.9.9.9', '11.0.0.1', '2001:db8::7', '2001:db8::8', '::1'),
  user_id: fc.constantFrom('u1', 'u2', 'u3'),
});

test('the intersection of two filters matches what both match', () => {
  fc.assert(
    fc.property(anyFilter, anyFilter, anyClick, (a, b, one) => {
      expect(matches(both(a, b), one)).toBe(matches(a, one) && matches(b, one));
    }),
    { numRuns: 2_000 },
  );
});

test('intersecting with nothing gives nothing, and with all clicks changes nothing', () => {
  fc.assert(
    fc.property(anyFilter, anyClick, (a, one) => {
      if (isNothing(a)) expect(matches(a, one)).toBe(false);
      expect(matches(ALL_CLICKS, one)).toBe(true);
      expect(both(a, ALL_CLICKS)).toEqual(a);
      expect(both(ALL_CLICKS, a)).toEqual(a);
    }),
    { numRuns: 2_000 },
  );
});

test('a filter by country only depends on no other field', () => {
  fc.assert(
    fc.property(anyFilter, fc.boolean(), anyClick, anyClick, (drawn, byCountry, one, other) => {
      const a = byCountry ? { ...ALL_CLICKS, country: drawn.country } : drawn;
      if (!isByCountryOnly(a)) return;
      expect(matches(a, { ...other, country: one.country })).toBe(matches(a, one));
    }),
  );
});
