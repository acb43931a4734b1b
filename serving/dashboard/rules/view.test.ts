import fc from 'fast-check';
import { expect, test } from 'vitest';
import { COMPARISONS } from './periods.ts';
import { DEFAULT_VIEW, EVENTS, METRICS, readView, type View, WINDOWS, writeView } from './view.ts';
import { UNITS } from './zone.ts';

test.each<[Record<string, string>, Partial<View>]>([
  [{}, {}],
  [
    { period: '7d', unit: '1h' },
    { period: '7d', unit: '1h' },
  ],
  [
    { period: 'custom', from: '2026-11-01', to: '2026-11-03' },
    { period: 'custom', from: '2026-11-01', to: '2026-11-03' },
  ],
  [{ period: 'custom', from: '2026-11-03', to: '2026-11-01' }, {}],
  [{ period: 'custom', from: '2026-02-30', to: '2026-03-01' }, {}],
  [{ period: 'decade', unit: '2h', compare: 'x', metric: 'x', live: '7' }, {}],
  [{ zone: 'Europe/Berlin' }, { zone: 'Europe/Berlin' }],
  [{ zone: 'Europe/Nowhere' }, {}],
  [{ country: 'usa,DE' }, { country: 'USA,DE' }],
  [{ country: "usa'; --" }, {}],
  [
    { filter: '7', ad: '12', complete: '1' },
    { filter: 7, ad: '12', complete: true },
  ],
  [{ filter: '-1', complete: 'true' }, {}],
  [{ event: 'impression' }, { event: 'impression' }],
  [{ event: 'view' }, {}],
])('%o is understood as %o', (search, view) => expect(readView(search)).toEqual({ ...DEFAULT_VIEW, ...view }));

test('what was written is read again', () => {
  const views = fc.record<View>({
    period: fc.constantFrom('hour', 'today', 'yesterday', '7d', '30d', 'month', 'year'),
    from: fc.constant(''),
    to: fc.constant(''),
    unit: fc.constantFrom('', ...UNITS),
    zone: fc.constantFrom('', 'UTC', 'Asia/Tokyo'),
    compare: fc.constantFrom(...COMPARISONS),
    complete: fc.boolean(),
    metric: fc.constantFrom(...METRICS),
    country: fc.constantFrom('', 'USA', 'DEU,FR'),
    filter: fc.nat({ max: 999_999_999 }),
    ad: fc.string(),
    other: fc.string(),
    live: fc.constantFrom(...WINDOWS),
    event: fc.constantFrom(...EVENTS),
    day: fc.constantFrom('', '2026-11-21'),
  });
  fc.assert(
    fc.property(views, (view) => {
      expect(readView(writeView(view))).toEqual(view);
    }),
  );
});
