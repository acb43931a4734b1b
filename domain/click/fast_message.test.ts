import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalIp } from '../address/canonical.ts';
import type { Field } from '../address/field.ts';
import { DAY_MS, YEAR_2000_MS } from '../time.ts';
import type { Click } from './click.ts';
import { FastClickDecoder } from './fast_message.ts';
import { decodeClick, encodeClick } from './wire.ts';

const ARRIVED = Date.UTC(2026, 0, 1);

const ipV6 = fc
  .ipV6()
  .map(canonicalIp)
  .filter((address) => !address.startsWith('::'));
const printable = () => fc.stringMatching(/^[ -~]{1,30}$/);
const fastDecoder = new FastClickDecoder();
const plain: fc.Arbitrary<Click> = fc.record({
  event_id: printable(),
  ad_id: printable(),
  user_id: printable(),
  ip: fc.oneof(fc.ipV4(), ipV6),
  click_timestamp: fc.integer({ min: YEAR_2000_MS, max: ARRIVED + DAY_MS }),
  country: fc.stringMatching(/^[A-Z]{2,3}$/),
});

/** Reads the value in the middle of a larger buffer. */
function readInBuffer(value: Buffer): Click | null {
  const bytes = Buffer.concat([Buffer.from('before'), value, Buffer.from('behind')]);
  if (!fastDecoder.read(bytes, 6, 6 + value.length, ARRIVED)) return null;
  const text = ({ start, end }: Field): string => bytes.toString('latin1', start, end);
  const { event_id, ad_id, click_timestamp, user_id, ip, country } = fastDecoder;
  return {
    event_id: text(event_id),
    ad_id: text(ad_id),
    click_timestamp,
    user_id: text(user_id),
    ip: text(ip),
    country: text(country),
  };
}

test('a message on the fast path gives the same click as decoding', () => {
  fc.assert(
    fc.property(plain, (sent) => {
      expect(readInBuffer(encodeClick(sent))).toEqual(sent);
      expect(decodeClick(encodeClick(sent), ARRIVED)).toEqual({ ok: true, click: sent });
    }),
  );
});

test('whatever is changed in a message, the result is never different from decoding', () => {
  const unusual = fc.oneof(
    plain,
    plain.map((click) => ({ ...click, ip: '::1' })),
    plain.map((click) => ({ ...click, user_id: 'é 広 😀' })),
  );
  fc.assert(
    fc.property(unusual, fc.nat(80), fc.nat(2), fc.uint8Array({ maxLength: 2 }), (sent, at, dropped, put) => {
      const value = encodeClick(sent);
      const changed = Buffer.concat([value.subarray(0, at), put, value.subarray(at + dropped)]);
      const seen = readInBuffer(changed);
      if (seen !== null) expect(decodeClick(changed, ARRIVED)).toEqual({ ok: true, click: seen });
    }),
    { numRuns: 5_000 },
  );
});
