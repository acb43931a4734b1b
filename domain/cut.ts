import { z } from 'zod';
import { count } from './fields.ts';

/**
 * `clicks-3` → an offset: covers everything below it. A partition that is absent, for example of a newer region, counts
 * as 0.
 */
export const cut = z.record(z.string(), count);
export type Cut = z.infer<typeof cut>;

/** Number of offsets that `reached` still lacks to the cut. */
export const missing = (reached: Cut, cut: Cut): number =>
  Object.entries(cut).reduce((sum, [name, offset]) => sum + Math.max(0, offset - (reached[name] ?? 0)), 0);

/** The least cut that has all that any of them has. */
export function highest(cuts: readonly Cut[]): Cut {
  const all: Cut = {};
  for (const cut of cuts) {
    for (const [name, end] of Object.entries(cut)) all[name] = Math.max(end, all[name] ?? 0);
  }
  return all;
}
