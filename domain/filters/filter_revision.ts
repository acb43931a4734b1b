import { z } from 'zod';
import type { Filter } from './filter.ts';

/** A registered filter at one revision: the definition of a revision never changes. */
export const filterRevision = z.object({ filterId: z.int().min(1), revision: z.int().min(1) });
export type FilterRevision = z.infer<typeof filterRevision>;

export interface RegisteredFilter extends FilterRevision {
  filter: Filter;
}

/** `7.2`: revision 2 of filter 7. */
export const filterKey = ({ filterId, revision }: FilterRevision): string => `${filterId}.${revision}`;
