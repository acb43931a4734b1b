import { isWithin } from '../address/network.ts';
import type { Click } from '../click/click.ts';

/** Condition on one field: the value is one of `in` (null: any; empty: never) and none of `not`. */
export interface Membership {
  in: string[] | null;
  not: string[];
}

/**
 * Matches clicks for which every field's condition holds. Countries in upper case; `ip` holds networks in the canonical
 * spelling of `parseNetwork`.
 */
export interface Filter {
  country: Membership;
  ip: Membership;
  user_id: Membership;
}

type Field = keyof Filter;
const FIELDS: Field[] = ['country', 'ip', 'user_id'];

const ANY: Membership = { in: null, not: [] };
/** Filter 0. */
export const ALL_CLICKS: Filter = { country: ANY, ip: ANY, user_id: ANY };

const isListed = (value: string, values: string[]): boolean => values.includes(value);
const IS_AMONG: Record<Field, (value: string, values: string[]) => boolean> = {
  country: isListed,
  ip: isWithin,
  user_id: isListed,
};

export const isAny = ({ in: values, not }: Membership): boolean => values === null && not.length === 0;
/** Matches every click. */
export const isAll = (filter: Filter): boolean => FIELDS.every((field) => isAny(filter[field]));
/** Depends only on fields that a minute's row has. */
export const isByCountryOnly = ({ ip, user_id }: Filter): boolean => isAny(ip) && isAny(user_id);
/** Matches no click: some field admits no value, or only excluded ones. */
export const isNothing = (filter: Filter): boolean =>
  FIELDS.some((field) => {
    const { in: values, not } = filter[field];
    return values?.every((value) => IS_AMONG[field](value, not)) ?? false;
  });

/** The intersection of two filters. */
export const both = (a: Filter, b: Filter): Filter => ({
  country: bothOf('country', a, b),
  ip: bothOf('ip', a, b),
  user_id: bothOf('user_id', a, b),
});

function bothOf(field: Field, { [field]: a }: Filter, { [field]: b }: Filter): Membership {
  const not = [...new Set([...a.not, ...b.not])];
  if (a.in === null || b.in === null) return { in: a.in ?? b.in, not };
  // Two networks are disjoint unless one contains the other.
  const inner = (values: string[], others: string[]) => values.filter((value) => IS_AMONG[field](value, others));
  return { in: [...new Set([...inner(a.in, b.in), ...inner(b.in, a.in)])], not };
}

export const matches = (filter: Filter, click: Pick<Click, Field>): boolean =>
  FIELDS.every((field) => {
    const { in: values, not } = filter[field];
    const isAmong = (list: string[]) => IS_AMONG[field](click[field], list);
    return (values === null || isAmong(values)) && !isAmong(not);
  });
