import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isCanonicalAddress } from './bytes.ts';
import { canonicalIp } from './canonical.ts';

/** Runs the check on the text in the middle of a larger buffer. */
function isKnown(text: string): boolean {
  const bytes = Buffer.from(`1::${text}::2`, 'latin1');
  return isCanonicalAddress(bytes, { start: 3, end: 3 + text.length });
}

const group = fc.oneof(
  fc.constantFrom('0', '0', '0', '1', 'ffff'),
  fc.nat(0xffff).map((n) => n.toString(16)),
);
const groups = fc.array(group, { minLength: 8, maxLength: 8 }).map((all) => all.join(':'));

test('accepts every address in its canonical spelling, except those that begin with many zeros', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), groups), (address) => {
      const text = canonicalIp(address);
      const beginsWithZeros = text.startsWith('::');
      expect(isKnown(text) || beginsWithZeros).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});

test('accepts no other spelling, and nothing that is not an address', () => {
  const text = fc.oneof(
    fc.ipV6(),
    groups,
    fc.string({
      unit: fc.constantFrom('0', '1', 'a', 'F', ':', ':', '.', '::', 'ffff', '2001:db8', '%'),
      maxLength: 12,
    }),
  );
  fc.assert(
    fc.property(text, fc.nat(20), fc.constantFrom('', '', ':', '0', '::', '0:', ':0'), (address, at, put) => {
      const changed = address.slice(0, at) + put + address.slice(at);
      if (isKnown(changed)) expect(canonicalIp(changed)).toBe(changed);
    }),
    { numRuns: 20_000 },
  );
});

test.each([
  ['2001:db8::1', true],
  ['2001:db8::', true],
  ['1:0:0:2::3', true],
  ['1::2:0:0:3:4', true],
  ['1:0:0:2::3:4', false],
  ['1:0:0:2:3:4:5:6', false],
  ['1::2:3:4:5:6:7', false],
  ['2001:DB8::1', false],
  ['2001:0db8::1', false],
  ['::ffff:1.2.3.4', false],
  ['fe80::1%eth0', false],
  ['1:2:3:4:5:6:7', false],
  [':', false],
  ['', false],
])('%s', (text, known) => {
  expect(isKnown(text)).toBe(known);
});
