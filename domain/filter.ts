import { BlockList, isIPv6 } from 'node:net';
import type { Click } from './click.ts';

/** Values of one field: one of `in` (null: any; empty: none is right) and none of `not`. */
export interface Membership {
  in: string[] | null;
  not: string[];
}

/**
 * Which clicks count: those that are right in every field. Countries in upper case; `ip` holds networks in the one
 * spelling that `canonicalNetwork` gives them.
 */
export interface Filter {
  country: Membership;
  ip: Membership;
  user_id: Membership;
}

const ANY: Membership = { in: null, not: [] };
/** Filter 0. */
export const ALL_CLICKS: Filter = { country: ANY, ip: ANY, user_id: ANY };

export const isAny = ({ in: values, not }: Membership): boolean => values === null && not.length === 0;
/** Needs no more of a click than a minute's row has. */
export const isByCountryOnly = ({ ip, user_id }: Filter): boolean => isAny(ip) && isAny(user_id);
/** No click is right, whatever it is. */
export const isNothing = (filter: Filter): boolean =>
  [filter.country, filter.ip, filter.user_id].some(({ in: values }) => values?.length === 0);

/** Clicks that both let through. */
export const both = (a: Filter, b: Filter): Filter => ({
  country: bothOf(a.country, b.country, sameValues),
  ip: bothOf(a.ip, b.ip, sharedNetworks),
  user_id: bothOf(a.user_id, b.user_id, sameValues),
});

type Shared = (a: string[], b: string[]) => string[];

const bothOf = (a: Membership, b: Membership, shared: Shared): Membership => ({
  in: a.in === null ? b.in : b.in === null ? a.in : shared(a.in, b.in),
  not: [...new Set([...a.not, ...b.not])],
});

const sameValues: Shared = (a, b) => a.filter((value) => b.includes(value));

/** Of two networks one holds the other, or they share nothing. */
const sharedNetworks: Shared = (a, b) => {
  const inner = (one: string[], others: string[]) =>
    one.filter((network) => others.some((other) => holds(other, network)));
  return [...new Set([...inner(a, b), ...inner(b, a)])];
};

function holds(outer: string, inner: string): boolean {
  const [outerLength, [address, innerLength]] = [lengthOf(outer), [addressOf(inner), lengthOf(inner)]];
  return isIPv6(address) === isIPv6(addressOf(outer)) && innerLength >= outerLength && isInNetworks(address, [outer]);
}

export function matches({ country, ip, user_id }: Filter, click: Pick<Click, 'country' | 'ip' | 'user_id'>): boolean {
  return (
    isMember(country, click.country, (value, values) => values.includes(value)) &&
    isMember(ip, click.ip, isInNetworks) &&
    isMember(user_id, click.user_id, (value, values) => values.includes(value))
  );
}

const isMember = (
  { in: values, not }: Membership,
  value: string,
  isIn: (value: string, values: string[]) => boolean,
): boolean => (values === null || isIn(value, values)) && !isIn(value, not);

/** Networks of the other family hold nothing of this one; a BlockList would have `::/0` hold every IPv4 address. */
function isInNetworks(address: string, networks: string[]): boolean {
  const family = familyOf(address);
  const list = new BlockList();
  for (const network of networks) {
    if (familyOf(network) === family) list.addSubnet(addressOf(network), lengthOf(network), family);
  }
  return list.check(address, family);
}

const addressOf = (network: string): string => network.slice(0, network.lastIndexOf('/'));
const lengthOf = (network: string): number => Number(network.slice(network.lastIndexOf('/') + 1));
const familyOf = (text: string): 'ipv4' | 'ipv6' => (text.includes(':') ? 'ipv6' : 'ipv4');
