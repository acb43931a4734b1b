import { isIPv4 } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalIp } from '../address/canonical.ts';
import { DAY_MS } from '../time.ts';
import { isFromFuture } from './click.ts';

const NOW = Date.UTC(2026, 0, 1);
test.each([
  ['1.2.3.4', '1.2.3.4'],
  ['0.0.0.0', '0.0.0.0'],
  ['255.255.255.255', '255.255.255.255'],
  ['::1', '::1'],
  ['0:0:0:0:0:0:0:1', '::1'],
  ['2001:DB8::00A1', '2001:db8::a1'],
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['::FFFF:102:304', '1.2.3.4'],
  ['256.1.1.1', ''],
  ['01.2.3.4', ''],
  ['1.2.3', ''],
  ['1.2.3.4.5', ''],
  ['1.2.3.', ''],
  ['.1.2.3', ''],
  ['1..2.3', ''],
  ['1.2.3.4 ', ''],
  ['1.2.3.-4', ''],
  ['1.2.3.0004', ''],
  ['fe80::1%eth0', ''],
  ['::g', ''],
  ['localhost', ''],
  ['', ''],
])('the address %s is spelled %s', (text, expected) => {
  expect(canonicalIp(text)).toBe(expected);
});

test.each([
  [-60_000, false],
  [0, false],
  [10 * 60_000, false],
  [10 * 60_000 + 1, true],
  [DAY_MS, true],
])('a click %i ms after its arrival is from the future: %s', (aheadMs, expected) => {
  expect(isFromFuture(NOW + aheadMs, NOW)).toBe(expected);
});

test('accepts the same IPv4 addresses as Node', () => {
  const number = fc.oneof(fc.nat(300).map(String), fc.constantFrom('', '0', '00', '01', '255', '256', 'a', '1 '));
  fc.assert(
    fc.property(fc.array(number, { minLength: 3, maxLength: 5 }), (numbers) => {
      const text = numbers.join('.');
      expect(canonicalIp(text) === text).toBe(isIPv4(text));
    }),
    { numRuns: 2_000 },
  );
});
