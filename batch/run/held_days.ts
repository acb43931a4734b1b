import { z } from 'zod';
import { day } from '../../domain/fields.ts';
import { DAYS_ID } from '../../domain/names.ts';
import { parsed } from '../../domain/parse.ts';
import type { BatchEngines } from './engines.ts';

/** What the batch path reads of what Elasticsearch holds; serving/documents/days.ts has all of it. */
const heldDay = z.object({
  day,
  realtime: z.string(),
  runs: z.array(z.object({ run: z.int(), complete: z.boolean() })),
  awaited: z.int().nullable(),
});
type HeldDay = z.infer<typeof heldDay>;
const heldDays = z.object({ held: z.array(heldDay) });

/** The days that Elasticsearch holds, by day. */
export async function readHeldDays(
  { elasticsearch }: Pick<BatchEngines, 'elasticsearch'>,
  stateIndex: string,
): Promise<Map<string, HeldDay>> {
  const found = await elasticsearch.get({ index: stateIndex, id: DAYS_ID }, { ignore: [404] });
  if (!found.found) return new Map();
  const { held } = parsed(heldDays, found._source, 'the days that Elasticsearch holds');
  return new Map(held.map((entry) => [entry.day, entry]));
}
