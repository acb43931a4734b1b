import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Annotations } from './annotations.ts';
import type { Click } from './click.ts';
import { ARRIVED, annotations, click } from './click_samples.ts';
import { annotationsBehind, EncodedRows, encodeClick, encodeEvent, encodePlace, identityOf } from './wire.ts';

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

/** A Map(String, String) as ClickHouse has it, by another way: every length in LEB128. */
function rowBinaryMap(map: Annotations): Buffer {
  const leb128 = (n: number): number[] => (n < 128 ? [n] : [(n % 128) + 128, ...leb128(Math.floor(n / 128))]);
  const text = (of: string): Buffer[] => [Buffer.from(leb128(Buffer.byteLength(of))), Buffer.from(of)];
  return Buffer.concat([Buffer.from(leb128(map.size)), ...[...map].flatMap((pair) => pair.flatMap(text))]);
}

test('rows are identity, arrival, topic-partition, offset and annotations, concatenated, in any number', () => {
  const row = fc.record({ click, annotations, arrivedMs: fc.nat({ max: ARRIVED }), offset: fc.maxSafeNat() });
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
      for (const { click, annotations, arrivedMs, offset } of all) {
        const identity = identityOf(encodeClick(click));
        const value = encodeEvent('click', click, annotations);
        const behind = annotationsBehind(value, 1 + identity.length);
        rows.add(identity, arrivedMs, place, offset, behind);
        expected.push(identity, int64(arrivedMs), place, int64(offset), rowBinaryMap(annotations));
      }
      expect(rows.count).toBe(all.length);
      expect(rows.bytes.equals(Buffer.concat(expected))).toBe(true);
    }),
  );
});

test.each([
  ['click', 1],
  ['impression', 3],
  ['conversion', 5],
] as const)(
  'a value is a version byte, the fields, and annotations if there are any: of a %s, %i and the next',
  (kind, version) => {
    const fields: Click = {
      event_id: 'e',
      ad_id: 'ad',
      click_timestamp: 258,
      user_id: 'é',
      ip: '::1',
      country: 'US',
    };
    const identity = [1, 'e', 2, 'ad', 2, 1, 0, 0, 0, 0, 0, 0, 2, 'é', 3, '::1', 2, 'US'];
    const bytes = (...all: (number | string)[]) =>
      Buffer.concat(all.map((one) => (typeof one === 'string' ? Buffer.from(one) : Buffer.of(one))));
    expect(encodeEvent(kind, fields, new Map())).toEqual(bytes(version, ...identity));
    const long = 'x'.repeat(300);
    const annotations = new Map([
      ['ua', 'é'],
      ['value', ''],
      ['referrer', long],
    ] as const);
    expect(encodeEvent(kind, fields, annotations)).toEqual(
      bytes(version + 1, ...identity, 3, 2, 'ua', 2, 'é', 5, 'value', 0, 8, 'referrer', 0xac, 2, long),
    );
  },
);
