import { z } from 'zod';
import type { Filter } from './filter.ts';

/** A registered filter as it was put at one time: what it lets through never changes under its revision. */
export const filterRevision = z.object({ filterId: z.int().min(1), revision: z.int().min(1) });
export type FilterRevision = z.infer<typeof filterRevision>;

export interface RegisteredFilter extends FilterRevision {
  filter: Filter;
}

/** `7.2`: revision 2 of filter 7. */
export const filterKey = ({ filterId, revision }: FilterRevision): string => `${filterId}.${revision}`;
