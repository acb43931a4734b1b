/** First and last address of a network, as hexadecimal numbers of 8 (IPv4) or 32 (IPv6) digits. */
export function networkBounds(network: string): { first: string; last: string } {
  const slash = network.lastIndexOf('/');
  const digits = addressDigits(network.slice(0, slash));
  const bits = BigInt(digits.length * 4);
  const rest = bits - BigInt(network.slice(slash + 1));
  const first = (BigInt(`0x${digits}`) >> rest) << rest;
  const text = (number: bigint): string => number.toString(16).padStart(digits.length, '0');
  return { first: text(first), last: text(first + (1n << rest) - 1n) };
}

/** A canonical address (domain/click/click.ts) as a hexadecimal number of 8 or 32 digits. */
export function addressDigits(address: string): string {
  if (!address.includes(':')) return digitsOfV4(address);
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  const tail = dotted ? digitsOfV4(dotted[2] as string) : '';
  const groups = dotted ? `${dotted[1]}${tail.slice(0, 4)}:${tail.slice(4)}` : address;
  const [before = '', after] = groups.split('::');
  const padded = (part: string): string =>
    part === ''
      ? ''
      : part
          .split(':')
          .map((group) => group.padStart(4, '0'))
          .join('');
  return after === undefined
    ? padded(before)
    : padded(before) + padded(after).padStart(32 - padded(before).length, '0');
}

const digitsOfV4 = (address: string): string =>
  address
    .split('.')
    .map((byte) => Number(byte).toString(16).padStart(2, '0'))
    .join('');
