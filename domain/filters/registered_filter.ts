import { z } from 'zod';
import { parsedJson } from '../parse.ts';
import type { Filter, Membership } from './filter.ts';

/** Values by field; an absent field matches every click (or, under `not`, excludes none). */
const values = {
  country: z.array(z.string()).optional(),
  ip: z.array(z.string()).optional(),
  user_id: z.array(z.string()).optional(),
};
type Values = { [Field in keyof typeof values]?: string[] | undefined };

/**
 * A filter as people write it, and as ads.filters keeps it, with values in the spelling that `Filter` has. No other
 * field: a condition that was passed over would let clicks through that it was there to keep out.
 */
export const where = z.strictObject({ ...values, not: z.strictObject(values).optional() });
export type Where = z.infer<typeof where>;

/** @param definition of ads.filters */
export const storedWhere = (definition: string, filterId: number, revision: number): Where =>
  parsedJson(where, definition, `ads.filters: revision ${revision} of filter ${filterId}`);

export function filterOf({ not = {}, ...included }: Where): Filter {
  const membership = (field: keyof Values): Membership => ({ in: included[field] ?? null, not: not[field] ?? [] });
  return { country: membership('country'), ip: membership('ip'), user_id: membership('user_id') };
}

/** The canonical form: lists sorted, each value once, conditions without effect removed. */
export function canonicalWhere({ not, ...given }: Where): Where {
  const [included, excluded] = [canonicalValues(given), canonicalValues(not ?? {})];
  return Object.keys(excluded).length === 0 ? included : { ...included, not: excluded };
}

function canonicalValues({ country, ip, user_id }: Values): Values {
  const list = (listed: string[]): string[] => [...new Set(listed)].sort();
  return {
    ...(country && { country: list(country) }),
    ...(ip && { ip: list(ip) }),
    ...(user_id && { user_id: list(user_id) }),
  };
}
