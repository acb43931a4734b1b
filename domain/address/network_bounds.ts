import { bitsOf } from './network.ts';

/**
 * First and last address of a network as hexadecimal digits, 8 for IPv4 and 32 for IPv6: within one family, addresses
 * then sort as strings. (For engines without a network type.)
 * @param network in the spelling of network.ts
 */
export function networkBounds(network: string): { first: string; last: string } {
  const slash = network.indexOf('/');
  const bits = bitsOf(network.slice(0, slash));
  const prefix = bits.slice(0, Number(network.slice(slash + 1)));
  return { first: digits(prefix.padEnd(bits.length, '0')), last: digits(prefix.padEnd(bits.length, '1')) };
}

const digits = (bits: string): string =>
  BigInt(`0b${bits}`)
    .toString(16)
    .padStart(bits.length / 4, '0');
