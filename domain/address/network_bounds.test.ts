import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALL_CLICKS, matches } from '../filters/filter.ts';
import { canonicalIp } from './canonical.ts';
import { networkBounds } from './network_bounds.ts';

/** An address as the network of it alone has it. */
const digitsOf = (address: string): string => networkBounds(`${address}/${address.includes(':') ? 128 : 32}`).first;

test.each([
  ['0.0.0.0', '00000000'],
  ['255.1.0.16', 'ff010010'],
  ['::', '0'.repeat(32)],
  ['::1', `${'0'.repeat(31)}1`],
  ['1::', `0001${'0'.repeat(28)}`],
  ['::1.2.3.4', `${'0'.repeat(24)}01020304`],
  ['2001:db8::7', '20010db8000000000000000000000007'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['1:0:0:2::3', '00010000000000020000000000000003'],
])('%s has the digits %s', (address, digits) => {
  expect(canonicalIp(address)).toBe(address);
  expect(digitsOf(address)).toBe(digits);
});

test.each([
  ['10.1.2.3/8', '0a000000', '0affffff'],
  ['10.1.2.3/31', '0a010202', '0a010203'],
  ['10.1.2.3/32', '0a010203', '0a010203'],
  ['1.2.3.4/0', '00000000', 'ffffffff'],
  ['::1/127', '0'.repeat(32), `${'0'.repeat(31)}1`],
  ['::1/0', '0'.repeat(32), 'f'.repeat(32)],
  ['2001:db8::/33', `20010db8${'0'.repeat(24)}`, `20010db87${'f'.repeat(23)}`],
])('%s is %s to %s', (network, first, last) => expect(networkBounds(network)).toEqual({ first, last }));

const groups = fc.array(fc.constantFrom('0', '1', 'ffff', 'a0', '7f01'), { minLength: 8, maxLength: 8 });
const address = fc.oneof(
  groups.map((some) => canonicalIp(some.join(':'))),
  fc.tuple(...Array.from({ length: 4 }, () => fc.constantFrom(0, 1, 9, 127, 128, 255))).map((bytes) => bytes.join('.')),
);

test('the bounds of a network contain exactly what the filter matches, and no address of the other family', () => {
  fc.assert(
    fc.property(address, address, fc.nat({ max: 128 }), (inside, ip, bits) => {
      const network = `${inside}/${inside.includes(':') ? bits : bits % 33}`;
      const { first, last } = networkBounds(network);
      const digits = digitsOf(ip);
      const filter = { ...ALL_CLICKS, ip: { in: [network], not: [] } };
      const isWithin = digits.length === first.length && digits >= first && digits <= last;
      expect(isWithin, `${ip} in ${network}`).toBe(matches(filter, { country: 'USA', ip, user_id: 'u' }));
    }),
    { numRuns: 3_000 },
  );
});
