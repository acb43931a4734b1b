import { canonicalIp } from './canonical.ts';

/**
 * One spelling for each network, host bits cleared: `10.1.2.3/8` is `10.0.0.0/8`, an address is a network of one, and
 * `::ffff:10.0.0.0/104` is `10.0.0.0/8`, since mapped addresses are stored as IPv4. null: not a network.
 */
export function parseNetwork(text: string): string | null {
  const match = /^([^/]+?)(?:\/(\d{1,3}))?$/.exec(text);
  const address = canonicalIp(match?.[1] ?? '');
  if (!match || address === '') return null;
  const bits = bitsOf(address);
  const mappedBits = bits.length === 32 && (match[1] as string).includes(':') ? 96 : 0;
  const length = match[2] === undefined ? bits.length : Number(match[2]) - mappedBits;
  if (length < 0 || length > bits.length) return null;
  return `${addressOf(bits.slice(0, length).padEnd(bits.length, '0'))}/${length}`;
}

/**
 * Whether one of the networks contains the address or the whole network, both in canonical spelling. Networks never
 * contain addresses of the other IP version.
 */
export function isWithin(inner: string, networks: string[]): boolean {
  const [bits, length] = parts(inner);
  return networks.some((network) => {
    const [outerBits, outerLength] = parts(network);
    return (
      bits.length === outerBits.length && length >= outerLength && bits.startsWith(outerBits.slice(0, outerLength))
    );
  });
}

function parts(network: string): [bits: string, length: number] {
  const slash = network.indexOf('/');
  if (slash === -1) return [bitsOf(network), 128];
  return [bitsOf(network.slice(0, slash)), Number(network.slice(slash + 1))];
}

/** The 32 or 128 bits of an address as a string of 0 and 1. */
export function bitsOf(address: string): string {
  if (!address.includes(':')) return toBits(address.split('.').map(Number), 8);
  return toBits(
    groupsOf(address).map((group) => Number.parseInt(group, 16)),
    16,
  );
}

const toBits = (numbers: number[], width: number): string =>
  numbers.map((number) => number.toString(2).padStart(width, '0')).join('');

/** All eight groups, also for `1::2` and `::1.2.3.4`. */
function groupsOf(address: string): string[] {
  const hexadecimal = address.replace(/[\d.]+\.\d+$/, (dotted) => {
    const bits = bitsOf(dotted);
    return [bits.slice(0, 16), bits.slice(16)].map(toHexadecimal).join(':');
  });
  const [before = [], after = []] = hexadecimal
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''));
  return [...before, ...new Array<string>(8 - before.length - after.length).fill('0'), ...after];
}

const toHexadecimal = (bits: string): string => Number.parseInt(bits, 2).toString(16);

function addressOf(bits: string): string {
  const pieces = (width: number) => bits.match(new RegExp(`.{${width}}`, 'g')) ?? [];
  if (bits.length === 32) {
    return pieces(8)
      .map((byte) => Number.parseInt(byte, 2))
      .join('.');
  }
  return canonicalIp(pieces(16).map(toHexadecimal).join(':'));
}
