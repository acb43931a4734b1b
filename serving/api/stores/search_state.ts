import type { z } from 'zod';
import type { FiltersSince } from '../../../domain/ad_minutes.ts';
import { DAYS_ID, TOPS_ID } from '../../../domain/names.ts';
import { parsed } from '../../../domain/parse.ts';
import type { PublishedRun } from '../../../domain/receipt.ts';
import { dayStartMs } from '../../../domain/time.ts';
import type { Log } from '../../../infra/log.ts';
import { daysDoc, usableIndexes } from '../../documents/days.ts';
import { SET_ASIDE_ID, setAsideDoc } from '../../documents/set_aside.ts';
import { announcedIn, boundaryId, currentDoc, currentId, documentName, partitionDoc } from '../../documents/state.ts';
import { NO_SEARCH, type SearchState } from '../../planner/question.ts';
import type { TopsState } from '../../planner/tops.ts';
import { cachedRead, memoizeByObject } from './cached_read.ts';
import { engineCall, type Stores, stateOptions } from './engines.ts';

export interface IndexerState extends SearchState {
  watermarkMs: number | null;
  /** null: no top lists were published yet. */
  tops: TopsState | null;
}

export const WITHOUT_SEARCH: IndexerState = { ...NO_SEARCH, watermarkMs: null, tops: null };

type StateStores = Pick<Stores, 'elasticsearch' | 'event' | 'stateIndex' | 'realtimePartitions'>;

/**
 * What the indexer has applied. The boundaries are read before the days (see days.ts): a day that appears in between
 * has rows that the boundaries do not cover yet, which is harmless; in the other order they would be missed. The same
 * holds for days that are given up and for messages that were set aside: they are recorded before a boundary moves past
 * them, and then ClickHouse answers, so no count is short of their rows. Nor is one while messages were never seen, and
 * it is not known yet which days lack their rows.
 */
async function readState(stores: StateStores, signal: AbortSignal): Promise<IndexerState> {
  const ids = [TOPS_ID, ...stores.realtimePartitions.map(boundaryId)];
  const [topsPartition = null, ...partitions] = await readDocs(stores, partitionDoc, ids, signal);
  const [days, setAside] = await readDaysAndSetAside(stores, signal);
  const tops = announcedIn(topsPartition);
  const announced = partitions.map(announcedIn).filter((doc) => doc !== null);
  if (!days || announced.length < partitions.length) {
    return WITHOUT_SEARCH;
  }
  const watermarkMs = Math.min(...announced.map(({ watermark_ms }) => watermark_ms));
  const lacksRows = partitions.some((doc) => doc?.unseen) || (setAside !== null && setAside.total > 0);
  if (lacksRows) return { ...WITHOUT_SEARCH, watermarkMs };
  return {
    event: stores.event,
    boundaryMs: Math.min(...announced.map(({ boundary_ms }) => boundary_ms)),
    watermarkMs,
    heldIndexes: new Set(usableIndexes(stores.event, days)),
    givenUp: new Set(days.given_up),
    seenFromMs: days.unseen_before === undefined ? null : dayStartMs(days.unseen_before),
    filtersSince: sinceInAll(announced.map(({ filters = {} }) => filters)),
    tops: tops ? { boundaryMs: tops.boundary_ms, watermarkMs: tops.watermark_ms } : null,
  };
}

/** Maximum age of the indexer state used by questions. */
const MAX_AGE_MS = 250;
const stateOf = memoizeByObject((stores: StateStores) => cachedRead(MAX_AGE_MS, (signal) => readState(stores, signal)));

export const readIndexerState = (stores: StateStores): Promise<IndexerState> => stateOf(stores)();

/** The same, or an empty state if Elasticsearch does not answer: then ClickHouse does. */
export const readIndexerStateIfUp = (stores: StateStores, log: () => Log): Promise<IndexerState> =>
  readIndexerState(stores).catch((error: unknown) => {
    log().warn({ err: error }, 'answering without Elasticsearch');
    return WITHOUT_SEARCH;
  });

/** Filters with rows in every partition, each since the latest start among the partitions. */
function sinceInAll([first = {}, ...others]: FiltersSince[]): Map<string, number> {
  const inAll = Object.entries(first).flatMap(([key, since]): [string, number][] => {
    const elsewhere = others.map((filters) => filters[key]);
    return elsewhere.every((ms) => ms !== undefined) ? [[key, Math.max(since, ...elsewhere)]] : [];
  });
  return new Map(inAll);
}

/** The ledger as applied by the indexer: for partial answers while ClickHouse is down. Cuts are not known. */
export async function readCurrentRuns(
  stores: Stores,
  days: string[],
  signal: AbortSignal,
): Promise<Map<string, PublishedRun>> {
  const docs = await readDocs(stores, currentDoc, days.map(currentId), signal);
  const runs = docs.flatMap((doc, i) => {
    const date = days[i];
    return doc && doc.run > 0 && date !== undefined ? [{ date, run: doc.run, firstRun: doc.run, cut: {} }] : [];
  });
  return new Map(runs.map((run) => [run.date, run]));
}

async function readDocs<Schema extends z.ZodType>(
  { elasticsearch, stateIndex }: Pick<Stores, 'elasticsearch' | 'stateIndex'>,
  schema: Schema,
  ids: string[],
  signal: AbortSignal,
): Promise<(z.output<Schema> | null)[]> {
  const sources = await readSources({ elasticsearch, stateIndex }, ids, signal);
  return sources.map((source, i) => parsed(schema.nullable(), source, documentName(stateIndex, ids[i] ?? '')));
}

/** In one question. */
async function readDaysAndSetAside(stores: StateStores, signal: AbortSignal) {
  const [days, setAside] = await readSources(stores, [DAYS_ID, SET_ASIDE_ID], signal);
  const { stateIndex } = stores;
  return [
    parsed(daysDoc.nullable(), days, documentName(stateIndex, DAYS_ID)),
    parsed(setAsideDoc.nullable(), setAside, documentName(stateIndex, SET_ASIDE_ID)),
  ] as const;
}

/** Null: there is no such document. */
async function readSources(
  { elasticsearch, stateIndex }: Pick<Stores, 'elasticsearch' | 'stateIndex'>,
  ids: string[],
  signal: AbortSignal,
): Promise<unknown[]> {
  if (ids.length === 0) return [];
  const read = elasticsearch.mget({ index: stateIndex, ids }, stateOptions(signal));
  const { docs } = await engineCall('elasticsearch', read);
  return docs.map((doc) => ('found' in doc && doc.found && doc._source ? doc._source : null));
}
