import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalIp } from '../address/canonical.ts';
import type { Field } from '../address/field.ts';
import type { EventKind } from '../event_kinds.ts';
import { EVENT_KINDS } from '../event_kinds.ts';
import { DAY_MS, YEAR_2000_MS } from '../time.ts';
import { ANNOTATIONS, type Annotations } from './annotations.ts';
import { readAnnotations } from './annotations_wire.ts';
import type { Click } from './click.ts';
import { FastClickDecoder } from './fast_message.ts';
import { decodeEvent } from './message.ts';
import { encodeEvent, identityOf } from './wire.ts';

const ARRIVED = Date.UTC(2026, 0, 1);

const ipV6 = fc
  .ipV6()
  .map(canonicalIp)
  .filter((address) => !address.startsWith('::'));
const printable = () => fc.stringMatching(/^[ -~]{1,30}$/);
const decoders = {
  click: new FastClickDecoder('click'),
  impression: new FastClickDecoder('impression'),
  conversion: new FastClickDecoder('conversion'),
};
const plain: fc.Arbitrary<Click> = fc.record({
  event_id: printable(),
  ad_id: printable(),
  user_id: printable(),
  ip: fc.oneof(fc.ipV4(), ipV6),
  click_timestamp: fc.integer({ min: YEAR_2000_MS, max: ARRIVED + DAY_MS }),
  country: fc.stringMatching(/^[A-Z]{2,3}$/),
});

const annotation = fc.tuple(fc.constantFrom(...ANNOTATIONS), fc.stringMatching(/^[ -~]{0,30}$/));
const annotations: fc.Arbitrary<Annotations> = fc
  .oneof(fc.constant([]), fc.uniqueArray(annotation, { selector: ([name]) => name }))
  .map((all) => new Map(all));
const kind = fc.constantFrom(...EVENT_KINDS);

/** Reads the value in the middle of a larger buffer. */
function readInBuffer(kind: EventKind, value: Buffer) {
  const decoder = decoders[kind];
  const bytes = Buffer.concat([Buffer.from('before'), value, Buffer.from('behind')]);
  if (!decoder.read(bytes, 6, 6 + value.length, ARRIVED)) return null;
  const text = ({ start, end }: Field): string => bytes.toString('latin1', start, end);
  const { event_id, ad_id, click_timestamp, user_id, ip, country } = decoder;
  const identityEnd = decoder.identityEnd - 6;
  return {
    ok: true,
    click: {
      event_id: text(event_id),
      ad_id: text(ad_id),
      click_timestamp,
      user_id: text(user_id),
      ip: text(ip),
      country: text(country),
    },
    annotations: identityEnd === value.length ? new Map() : readAnnotations(value, identityEnd),
    identityEnd,
  };
}

test('a message on the fast path gives the same event as decoding', () => {
  fc.assert(
    fc.property(kind, plain, annotations, (kind, sent, annotations) => {
      const value = encodeEvent(kind, sent, annotations);
      const seen = readInBuffer(kind, value);
      expect(seen).toMatchObject({ click: sent, annotations });
      expect(decodeEvent(value, kind, ARRIVED)).toEqual(seen);
      expect(identityOf(value, 0, seen?.identityEnd)).toEqual(identityOf(encodeEvent('click', sent, new Map())));
    }),
  );
});

test('whatever is changed in a message, the result is never different from decoding', () => {
  const unusual = fc.oneof(
    plain,
    plain.map((click) => ({ ...click, ip: '::1' })),
    plain.map((click) => ({ ...click, user_id: 'é 広 😀' })),
  );
  const put = fc.uint8Array({ maxLength: 2 });
  fc.assert(
    fc.property(
      kind,
      unusual,
      annotations,
      fc.nat(160),
      fc.nat(2),
      put,
      (kind, sent, annotations, at, dropped, put) => {
        const value = encodeEvent(kind, sent, annotations);
        const changed = Buffer.concat([value.subarray(0, at), put, value.subarray(at + dropped)]);
        const seen = readInBuffer(kind, changed);
        if (seen !== null) expect(decodeEvent(changed, kind, ARRIVED)).toEqual(seen);
      },
    ),
    { numRuns: 5_000 },
  );
});
