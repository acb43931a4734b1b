import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalIp } from '../address/canonical.ts';
import { YEAR_2000_MS } from '../time.ts';
import type { Click } from './click.ts';
import { decodeClick, EncodedRows, encodeClick, encodePlace, identityOf } from './wire.ts';

const ARRIVED = Date.UTC(2026, 0, 1);

const token = fc
  .string({ unit: fc.constantFrom('a', 'B', '0', ' ', '-', 'é', '広', '😀'), minLength: 1, maxLength: 31 })
  .filter((text) => Buffer.byteLength(text) <= 127);
const click: fc.Arbitrary<Click> = fc.record({
  event_id: token,
  ad_id: token,
  click_timestamp: fc.integer({ min: YEAR_2000_MS, max: ARRIVED }),
  user_id: token,
  ip: fc.oneof(fc.ipV4(), fc.ipV6()).map(canonicalIp),
  country: fc.stringMatching(/^[A-Z]{2,3}$/),
});

test('decoding returns the encoded click', () => {
  fc.assert(
    fc.property(click, (sent) => {
      expect(decodeClick(encodeClick(sent), ARRIVED)).toEqual({ ok: true, click: sent });
    }),
  );
});

test('identities are equal exactly if all fields are', () => {
  const someFields = fc.subarray(['event_id', 'ad_id', 'click_timestamp', 'user_id', 'ip', 'country'] as const);
  fc.assert(
    fc.property(click, click, someFields, (a, b, taken) => {
      const mixed = { ...a, ...Object.fromEntries(taken.map((field) => [field, b[field]])) };
      const areEqual = Object.keys(a).every((field) => a[field as keyof Click] === mixed[field as keyof Click]);
      expect(identityOf(encodeClick(a)).equals(identityOf(encodeClick(mixed)))).toBe(areEqual);
    }),
  );
});

test('rows are identity, arrival, topic-partition and offset, concatenated, in any number', () => {
  const row = fc.record({ click, arrivedMs: fc.nat({ max: ARRIVED }), offset: fc.maxSafeNat() });
  const place = encodePlace('clicks-3');
  const int64 = (number: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(number));
    return bytes;
  };
  fc.assert(
    fc.property(fc.array(row, { maxLength: 50 }), fc.integer({ min: 1, max: 100 }), (some, times) => {
      const all = Array.from({ length: times }, () => some).flat();
      const rows = new EncodedRows();
      const expected: Buffer[] = [];
      for (const { click, arrivedMs, offset } of all) {
        const identity = identityOf(encodeClick(click));
        rows.add(identity, arrivedMs, place, offset);
        expected.push(identity, int64(arrivedMs), place, int64(offset));
      }
      expect(rows.count).toBe(all.length);
      expect(rows.bytes.equals(Buffer.concat(expected))).toBe(true);
    }),
  );
});

describe('a message that is not a click', () => {
  const good: Click = {
    event_id: 'id',
    ad_id: 'ad',
    click_timestamp: ARRIVED,
    user_id: 'user',
    ip: '1.2.3.4',
    country: 'US',
  };
  const bytes = encodeClick(good);
  const changed = (at: number, byte: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[at] = byte;
    return copy;
  };

  test.each<[string, Buffer | null]>([
    ['a tombstone', null],
    ['nothing', Buffer.alloc(0)],
    ['another version', changed(0, 2)],
    ['text', Buffer.from('hello')],
    ['more behind it', Buffer.concat([bytes, Buffer.from('x')])],
    ['a length beyond its end', changed(1, 120)],
    ['a length of more than a byte', changed(1, 200)],
    ['bytes that are not UTF-8', changed(2, 0xff)],
  ])('%s', (_, value) => {
    expect(decodeClick(value, ARRIVED)).toEqual({ ok: false, reason: 'bad_message' });
  });

  test('every truncation', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeClick(bytes.subarray(0, length), ARRIVED)).toEqual({ ok: false, reason: 'bad_message' });
    }
  });

  test.each([
    [{ ad_id: '' }, 'bad_ad_id'],
    [{ country: 'us' }, 'bad_country'],
    [{ ip: '1.2.3' }, 'bad_ip'],
    [{ click_timestamp: 0 }, 'time_before_2000'],
    [{ click_timestamp: ARRIVED * 2 }, 'time_in_future'],
  ])('fields that parsing a line would refuse: %o', (field, reason) => {
    expect(decodeClick(encodeClick({ ...good, ...field }), ARRIVED)).toEqual({ ok: false, reason });
  });
});
