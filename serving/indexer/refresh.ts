import { setTimeout as delay } from 'node:timers/promises';
import { errors } from '@elastic/elasticsearch';
import type { ElasticsearchClient } from '../../infra/clients/elasticsearch.ts';
import { statusOf, unless } from '../documents/state.ts';

/** Names go into the URL, which is limited to 4 KiB. */
const NAMES_PER_REFRESH = 100;
const ATTEMPTS = 5;
const PAUSE_MS = 200;

/** An index that nothing can be written to or found in. */
export interface Absent {
  index: string;
  /** It is there, but somebody closed it. */
  isClosed: boolean;
}

/**
 * Makes what was written to the indexes searchable. Returns those that are not there, or are closed. Throws if a copy
 * of a shard was not refreshed: it may be the one that answers, without the rows.
 */
export async function refresh(elasticsearch: ElasticsearchClient, indexes: string[]): Promise<Absent[]> {
  const absent: Absent[] = [];
  for (let i = 0; i < indexes.length; i += NAMES_PER_REFRESH) {
    absent.push(...(await refreshTogether(elasticsearch, indexes.slice(i, i + NAMES_PER_REFRESH))));
  }
  return absent;
}

async function refreshTogether(elasticsearch: ElasticsearchClient, index: string[]): Promise<Absent[]> {
  try {
    await refreshShards(elasticsearch, index);
    return [];
  } catch (error) {
    const type = absenceIn(error);
    if (type === null) throw error;
    const [only, ...others] = index;
    if (only !== undefined && others.length === 0) return [{ index: only, isClosed: type === CLOSED }];
  }
  const absent: Absent[] = [];
  for (const one of index) absent.push(...(await refreshTogether(elasticsearch, [one])));
  return absent;
}

/** Copies that are not assigned to a node are no failures: they answer nothing. */
async function refreshShards(elasticsearch: ElasticsearchClient, index: string[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { _shards: shards } = await elasticsearch.indices.refresh({ index });
    if (shards?.failed === 0) return;
    if (attempt === ATTEMPTS) {
      const reason = shards?.failures?.[0]?.reason.reason ?? 'no reason was given';
      throw new Error(
        `${shards?.failed} of ${shards?.total} shards of ${index.join(', ')} were not refreshed in ${ATTEMPTS} ` +
          `attempts (${reason}): the boundary stays where it is`,
      );
    }
    await delay(PAUSE_MS);
  }
}

export const CLOSED = 'index_closed_exception';
export const NOT_FOUND = 'index_not_found_exception';

/** Null: the error is another one. */
function absenceIn(error: unknown): typeof CLOSED | typeof NOT_FOUND | null {
  if (statusOf(error) === 404) return NOT_FOUND;
  const type = error instanceof errors.ResponseError ? error.body?.error?.type : null;
  return type === CLOSED ? CLOSED : null;
}

/**
 * Deletes an index that somebody closed. What it would have been sent meanwhile is not in it, so it is lost like one that
 * was deleted.
 */
export async function deleteClosed(elasticsearch: ElasticsearchClient, index: string): Promise<void> {
  await unless(404, elasticsearch.indices.delete({ index }));
}
