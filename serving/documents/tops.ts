import { z } from 'zod';
import { top } from '../../domain/tops.ts';

/** The most clicked ads of a window; null: retracted, not restated yet. */
export const topAdsDoc = z.object({ end_ms: z.int(), ads: top.nullable() });
export type TopAdsDoc = z.infer<typeof topAdsDoc>;
