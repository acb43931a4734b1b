import { BlockList } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalIp } from './canonical.ts';
import { isWithin, parseNetwork } from './network.ts';

test.each<[string, string | null]>([
  ['10.0.0.1', '10.0.0.1/32'],
  ['10.0.0.0/8', '10.0.0.0/8'],
  ['10.1.2.3/8', '10.0.0.0/8'],
  ['10.1.2.255/25', '10.1.2.128/25'],
  ['255.255.255.255/0', '0.0.0.0/0'],
  ['2001:DB8::/32', '2001:db8::/32'],
  ['2001:db9:ffff::1/31', '2001:db8::/31'],
  ['2001:db8:1:2:3:4:5:6/128', '2001:db8:1:2:3:4:5:6/128'],
  ['0:0::1', '::1/128'],
  ['::1/0', '::/0'],
  ['::1.2.3.4/112', '::1.2.0.0/112'],
  ['::ffff:10.0.0.1', '10.0.0.1/32'],
  ['::ffff:10.1.0.0/104', '10.0.0.0/8'],
  ['::ffff:10.0.0.0/95', null],
  ['10.0.0.0/33', null],
  ['::/129', null],
  ['10.0.0.0/', null],
  ['10.0.0.0/8/8', null],
  ['10.0.0.0/-1', null],
  ['10.0.0', null],
  ['fe80::1%eth0', null],
  ["10.0.0.1' OR 1=1", null],
  ['', null],
])('%s is the network %s', (text, expected) => {
  expect(parseNetwork(text)).toBe(expected);
});

test.each<[string, string[], boolean]>([
  ['10.1.2.3', ['10.0.0.0/8'], true],
  ['11.1.2.3', ['10.0.0.0/8'], false],
  ['11.1.2.3', ['10.0.0.0/8', '11.1.2.3/32'], true],
  ['10.1.0.0/16', ['10.0.0.0/8'], true],
  ['10.0.0.0/8', ['10.1.0.0/16'], false],
  ['10.1.2.3', ['::/0'], false],
  ['2001:db8::1', ['0.0.0.0/0'], false],
  ['2001:db8::1', ['2001:db8::/32'], true],
  ['10.1.2.3', [], false],
])('%s within %j: %s', (inner, networks, expected) => {
  expect(isWithin(inner, networks)).toBe(expected);
});

const address = fc.oneof(fc.ipV4(), fc.ipV6()).map(canonicalIp);
const network = fc
  .tuple(address, fc.nat(128))
  .map(([text, length]) => parseNetwork(`${text}/${text.includes(':') ? length : length % 33}`) as string);
/** Addresses close enough to each other that networks often contain them. */
const near = fc
  .tuple(fc.constantFrom('10.1.2.', '10.1.3.', '2001:db8::'), fc.nat(255))
  .map(([start, end]) => start + end);
const family = (text: string) => (text.includes(':') ? 'ipv6' : 'ipv4');

test('a network contains the same addresses as in net.BlockList', () => {
  fc.assert(
    fc.property(
      fc.oneof(address, near),
      fc.oneof(
        network,
        near.map((text) => `${text}/24`),
      ),
      (inner, text) => {
        const parsed = parseNetwork(text) as string;
        const [start = '', length] = text.split('/');
        const blocks = new BlockList();
        blocks.addSubnet(start, Number(length), family(start));
        const expected = family(inner) === family(start) && blocks.check(inner, family(inner));
        expect(isWithin(inner, [parsed])).toBe(expected);
      },
    ),
  );
});

test('a canonical spelling is left unchanged', () => {
  fc.assert(
    fc.property(network, (text) => {
      expect(parseNetwork(text)).toBe(text);
    }),
  );
});

test('an address is a network of one, and is within its network of every shorter prefix length', () => {
  fc.assert(
    fc.property(address, fc.nat(128), (text, length) => {
      const bits = text.includes(':') ? 128 : 32;
      expect(parseNetwork(text)).toBe(`${text}/${bits}`);
      expect(isWithin(text, [parseNetwork(`${text}/${length % (bits + 1)}`) as string])).toBe(true);
    }),
  );
});
