import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { count, time } from '../../domain/fields.ts';
import type { ElasticsearchClient } from '../../infra/clients/elasticsearch.ts';
import { readStateDoc, updateStateDoc } from './state.ts';

export const SET_ASIDE_ID = 'set-aside';

/** A message of the second queue that cannot be decoded. */
const setAsideMessage = z.object({
  topic: z.string(),
  partition: count,
  offset: count,
  reason: z.string(),
  set_aside_at: time,
  size: count,
  /** How it begins, as base64. */
  bytes: z.string(),
});
export type SetAsideMessage = z.infer<typeof setAsideMessage>;

/**
 * Messages that were set aside and not settled yet. Their rows are missing in Elasticsearch, and it is not known for which
 * day: while there is one, no question is answered from Elasticsearch (serving/api/stores/search_state.ts).
 */
export const setAsideDoc = z.object({
  total: count,
  /** The first ones only, so that the document stays small; Kafka has all of them until their retention ends. */
  messages: z.array(setAsideMessage),
});
export type SetAsideDoc = z.infer<typeof setAsideDoc>;

export const NONE_SET_ASIDE: SetAsideDoc = { total: 0, messages: [] };

export const readSetAside = async (elasticsearch: ElasticsearchClient, stateIndex: string): Promise<SetAsideDoc> =>
  (await readStateDoc(elasticsearch, setAsideDoc, stateIndex, SET_ASIDE_ID)) ?? NONE_SET_ASIDE;

/**
 * Marks messages as settled: their rows are no longer missing anywhere. If what is recorded is not
 * what was read, nothing is settled. Returns how many are left.
 */
export async function settleSetAside(
  elasticsearch: ElasticsearchClient,
  stateIndex: string,
  settled: SetAsideDoc,
): Promise<number> {
  const left = await updateStateDoc(elasticsearch, setAsideDoc, stateIndex, SET_ASIDE_ID, (doc) => {
    return doc === null || isDeepStrictEqual(doc, settled) ? NONE_SET_ASIDE : doc;
  });
  return left.total;
}
