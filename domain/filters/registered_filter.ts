import type { Filter, Membership } from './filter.ts';

/** Values by field; an absent field matches every click (or, under `not`, excludes none). */
interface Values {
  country?: string[] | undefined;
  ip?: string[] | undefined;
  user_id?: string[] | undefined;
}

/** A filter as API users write it and ads.filters stores it, with values in the spelling of `Filter`. */
export interface Where extends Values {
  not?: Values | undefined;
}

export function filterOf({ not = {}, ...values }: Where): Filter {
  const membership = (field: keyof Values): Membership => ({ in: values[field] ?? null, not: not[field] ?? [] });
  return { country: membership('country'), ip: membership('ip'), user_id: membership('user_id') };
}

/** The canonical form: lists sorted, each value once, conditions without effect removed. */
export function canonicalWhere({ not, ...values }: Where): Where {
  const [included, excluded] = [canonicalValues(values), canonicalValues(not ?? {})];
  return Object.keys(excluded).length === 0 ? included : { ...included, not: excluded };
}

function canonicalValues({ country, ip, user_id }: Values): Values {
  const list = (values: string[]): string[] => [...new Set(values)].sort();
  return {
    ...(country && { country: list(country) }),
    ...(ip && { ip: list(ip) }),
    ...(user_id && { user_id: list(user_id) }),
  };
}
