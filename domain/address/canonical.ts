import { isIP, SocketAddress } from 'node:net';

/**
 * One spelling for each address (`::FFFF:1.2.3.4`, `0:0::1`), so that duplicates and filters agree; '' if it is not an
 * address.
 */
export function canonicalIp(text: string): string {
  const family = isIP(text);
  if (family === 4) return text;
  if (family === 0 || text.includes('%')) return '';
  const address = new SocketAddress({ address: text, family: 'ipv6' }).address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  return mapped?.[1] ?? address;
}
