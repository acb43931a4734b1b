import { z } from 'zod';
import { count } from './fields.ts';

/** `clicks-3` → an offset: everything below it is meant. A partition that is absent, say of a newer region, stands at 0. */
export const cut = z.record(z.string(), count);
export type Cut = z.infer<typeof cut>;

/** How many offsets `reached` still lacks to the cut. */
export const missing = (reached: Cut, cut: Cut): number =>
  Object.entries(cut).reduce((sum, [name, offset]) => sum + Math.max(0, offset - (reached[name] ?? 0)), 0);
