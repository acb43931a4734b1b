import type { EventKind } from '../../domain/event_kinds.ts';
import {
  allIndexes,
  DAYS_ID,
  hoursIndexes,
  minutesIndex,
  minutesIndexes,
  minutesName,
  parseIndex,
  runSource,
} from '../../domain/names.ts';
import type { ElasticsearchClient } from '../../infra/clients/elasticsearch.ts';
import { daysDoc, usableIndexes } from '../documents/days.ts';
import { ALL_CLICKS_ROWS } from '../documents/rows.ts';
import { currentDoc, currentId, readStateDoc, statusOf, unless } from '../documents/state.ts';
import { isIndexed } from './days.ts';

/** Where a kind of event keeps its state. */
export interface StateOfKind {
  event: EventKind;
  stateIndex: string;
}

/** If several copies create an index, one succeeds; the others find it. Returns whether it is new. */
export async function createIndex(elasticsearch: ElasticsearchClient, index: string): Promise<boolean> {
  try {
    await elasticsearch.indices.create({ index });
    return true;
  } catch (error) {
    const exists = await elasticsearch.indices.exists({ index });
    if (statusOf(error) !== 400 || !exists) throw error;
    return false;
  }
}

/** Deletes the indexes of given-up days. (A run of such a day may be held again.) */
export async function deleteGivenUp(
  elasticsearch: ElasticsearchClient,
  { event, stateIndex }: StateOfKind,
): Promise<void> {
  // Listed first: an index in the list was recorded before, so if the document does not hold it, it was given up.
  const existing = Object.keys(await elasticsearch.indices.getAlias({ index: allIndexes(event) }));
  const days = await readStateDoc(elasticsearch, daysDoc, stateIndex, DAYS_ID);
  if (days === null) return;
  const givenUp = new Set(days.given_up);
  for (const index of existing) {
    const target = parseIndex(index);
    if (target === null || !givenUp.has(target.day) || isIndexed(days, target)) continue;
    await unless(404, elasticsearch.indices.delete({ index }));
  }
}

/**
 * Deletes the indexes of runs of a day that are not held (any more), and returns their names. A question that has just
 * planned with one of them goes to ClickHouse.
 */
export async function deleteFormerRuns(
  elasticsearch: ElasticsearchClient,
  { event, stateIndex }: StateOfKind,
  day: string,
): Promise<string[]> {
  // Listed first, as above.
  const ofDay = [minutesIndexes(event, day), hoursIndexes(event, day)];
  const existing = Object.keys(await elasticsearch.indices.getAlias({ index: ofDay }));
  const days = await readStateDoc(elasticsearch, daysDoc, stateIndex, DAYS_ID);
  if (days === null) return [];
  const former = existing.filter((index) => {
    const target = parseIndex(index);
    return target !== null && target.source !== 'rt' && !isIndexed(days, target);
  });
  for (const index of former) await unless(404, elasticsearch.indices.delete({ index }));
  return former;
}

const MAX_ALIGNMENTS = 20;

/**
 * Points the alias to the index that answers for the day: its current run's index if that is complete, without a
 * current run the real-time one. Removing and adding are one call, so a search sees exactly one of the two. Checks
 * again after each change, so that of several copies doing this at once the last one leaves it right. The alias is for
 * people: it shows the rows of all clicks, without those of filters.
 */
export async function alignAlias(elasticsearch: ElasticsearchClient, state: StateOfKind, day: string): Promise<void> {
  for (let i = 0; i < MAX_ALIGNMENTS; i++) {
    const actions = await aliasActions(elasticsearch, state, day);
    if (actions.length === 0) return;
    // 404: one of the indexes was deleted meanwhile.
    await unless(404, elasticsearch.indices.updateAliases({ actions }));
  }
  throw new Error(`alias ${minutesName(state.event)} of ${day} does not come to rest`);
}

async function aliasActions(elasticsearch: ElasticsearchClient, { event, stateIndex }: StateOfKind, day: string) {
  const name = minutesName(event);
  const current = await readStateDoc(elasticsearch, currentDoc, stateIndex, currentId(day));
  const days = await readStateDoc(elasticsearch, daysDoc, stateIndex, DAYS_ID);
  const right = minutesIndex(event, day, current?.run ? runSource(current.run) : 'rt');
  const usable = days !== null && usableIndexes(event, days).includes(right);
  const existing = await elasticsearch.indices.getAlias({ index: minutesIndexes(event, day) });
  return Object.entries(existing).flatMap(([index, { aliases }]) => {
    const alias = aliases[name];
    const should = usable && index === right;
    // An alias made by an earlier version has no filter.
    if (should ? alias?.filter !== undefined : alias === undefined) return [];
    const target = { index, alias: name };
    return [should ? { add: { ...target, filter: { term: { filter_id: ALL_CLICKS_ROWS } } } } : { remove: target }];
  });
}
