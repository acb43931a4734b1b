import { setTimeout as delay } from 'node:timers/promises';
import type { EventKind } from '../../domain/event_kinds.ts';
import { DAYS_ID, stateIndexOf } from '../../domain/names.ts';
import { createElasticsearch } from '../../infra/clients/elasticsearch.ts';
import { elasticsearchAddress } from '../../infra/clients/engines.ts';
import { isRefusal } from '../../infra/clients/faults.ts';
import type { Config } from '../../infra/config.ts';
import { openRegister } from '../../infra/register/open.ts';
import { beginRestore, endRestore, openRestore } from '../../infra/register/restores.ts';
import { MIGRATE } from '../../infra/schema.ts';
import { daysDoc } from '../../serving/documents/days.ts';
import { readStateDoc } from '../../serving/documents/state.ts';

/** `empty`: the indexer has no state there, of a kind at least. */
type ElasticsearchState = 'away' | 'empty' | 'whole';

const LOOK_EVERY_MS = 500;

async function elasticsearchState(config: Config): Promise<ElasticsearchState> {
  const elasticsearch = createElasticsearch(elasticsearchAddress(config));
  try {
    for (const event of config.eventKinds) {
      const index = stateIndexOf(event);
      const isThere = await elasticsearch.indices.exists({ index });
      if (!isThere || (await readStateDoc(elasticsearch, daysDoc, index, DAYS_ID)) === null) return 'empty';
    }
    return 'whole';
  } catch (error) {
    if (isRefusal(error)) throw error;
    return 'away';
  } finally {
    await elasticsearch.close();
  }
}

/** Whether the indexer has gone on with an empty one by this restore. */
async function isGoneOnWith(config: Config, restore: number): Promise<boolean> {
  const elasticsearch = createElasticsearch(elasticsearchAddress(config));
  try {
    const ofKind = (event: EventKind) => readStateDoc(elasticsearch, daysDoc, stateIndexOf(event), DAYS_ID);
    const documents = await Promise.all(config.eventKinds.map(ofKind));
    return documents.some((days) => days?.restore === restore);
  } finally {
    await elasticsearch.close();
  }
}

/** From now on the indexer goes on with an empty Elasticsearch as with one that was lost. */
export async function beginElasticsearch(config: Config): Promise<ElasticsearchState> {
  const state = await elasticsearchState(config);
  if (state !== 'whole') await beginRestore(openRegister(config), 'elasticsearch', Date.now());
  return state;
}

/**
 * Has the indexer go on with an empty Elasticsearch: real time of the days that were in it is given up, so ClickHouse
 * answers them, and whatever is sent from now on is indexed. Resolves when it has. Returns whether anything was lost.
 */
export async function restoreElasticsearch(config: Config, say: (line: string) => void): Promise<boolean> {
  const register = openRegister(config);
  let state = await beginElasticsearch(config);
  const restore = await openRestore(register, 'elasticsearch');
  if (state === 'away')
    say('waiting for Elasticsearch: start the platform (./clickledger up), which takes an empty folder now');
  for (; state === 'away'; state = await elasticsearchState(config)) await delay(LOOK_EVERY_MS);
  if (state === 'empty') {
    await MIGRATE.elasticsearch(config, say);
    say('waiting for the indexer role to go on with the empty Elasticsearch');
  }
  for (; state !== 'whole'; state = await elasticsearchState(config)) await delay(LOOK_EVERY_MS);
  // The indexer may have gone on with it between two looks.
  const wasLost = restore !== null && (await isGoneOnWith(config, restore));
  await endRestore(register, 'elasticsearch', 'the indexer goes on with it', Date.now());
  return wasLost;
}
