import fc from 'fast-check';
import { canonicalIp } from '../address/canonical.ts';
import { YEAR_2000_MS } from '../time.ts';
import { ANNOTATIONS, type Annotations, MAX_ANNOTATION_BYTES } from './annotations.ts';
import type { Click } from './click.ts';

// For tests: any valid click that arrived at this time.

export const ARRIVED = Date.UTC(2026, 0, 1);

const token = fc
  .string({ unit: fc.constantFrom('a', 'B', '0', ' ', '-', 'é', '広', '😀'), minLength: 1, maxLength: 31 })
  .filter((text) => Buffer.byteLength(text) <= 127);
export const click: fc.Arbitrary<Click> = fc.record({
  event_id: token,
  ad_id: token,
  click_timestamp: fc.integer({ min: YEAR_2000_MS, max: ARRIVED }),
  user_id: token,
  ip: fc.oneof(fc.ipV4(), fc.ipV6()).map(canonicalIp),
  country: fc.stringMatching(/^[A-Z]{2,3}$/),
});

const value = fc.oneof(
  token,
  fc.string({
    unit: fc.constantFrom('"', '\\', "'", ',', '=', '{', '}', '|', ' ', 'x', 'é', '広', '😀', 'NULL'),
    maxLength: 99,
  }),
  fc.constant('x'.repeat(200)),
  fc.constant('"\\'.repeat(MAX_ANNOTATION_BYTES / 2)),
);
export const annotations: fc.Arbitrary<Annotations> = fc
  .oneof(
    fc.constant([]),
    fc.uniqueArray(fc.tuple(fc.constantFrom(...ANNOTATIONS), value), { selector: ([name]) => name }),
  )
  .map((all) => new Map(all))
  .filter((all) => Buffer.byteLength([...all.values()].join('')) <= MAX_ANNOTATION_BYTES);
