import { z } from 'zod';
import { canonicalWhere, type Where } from '../../../domain/filters/registered_filter.ts';
import { iso } from '../../../domain/time.ts';
import { sql } from '../../../infra/sql.ts';
import type { Caller } from '../contract/access.ts';
import { Problem } from '../contract/problem.ts';
import {
  COUNTRY,
  isWellFormed,
  MAX_VALUES,
  NETWORK,
  textParam,
  USER_ID,
  type ValueRule,
} from '../parameters/values.ts';
import { ENGINE_LIMIT_MS, engineCall, queryRowsOf, type Stores } from '../stores/engines.ts';
import { type FilterEntry, readEntry, readFilters, type StoredFilter } from '../stores/filters.ts';

const REVISION = sql('clickhouse/queries/api_filter_revision.sql');

const writtenRevision = z.object({
  name: z.string(),
  definition: z.string(),
  is_deleted: z.boolean(),
  recorded_ms: z.int(),
});

const MAX_NAME = 100;
const MAX_FILTERS = 1_000;
/** Each try lost against a concurrent change. */
const MAX_TRIES = 10;

const list = ({ expected, parse }: ValueRule) => {
  const lists = `a list of 1 to ${MAX_VALUES}`;
  const value = textParam(expected, (text) => parse(text.trim()));
  return z.array(value, lists).min(1, lists).max(MAX_VALUES, lists).optional();
};
const lists = { country: list(COUNTRY), ip: list(NETWORK), user_id: list(USER_ID) };
const where = 'conditions: country, ip, user_id, and the same under "not"';

export const filterBody = z.strictObject({
  name: textParam(`a name of 1 to ${MAX_NAME} characters`, (text) => {
    const name = text.trim();
    return name.length > 0 && name.length <= MAX_NAME && isWellFormed(name) ? name : null;
  }),
  where: z
    .strictObject({ ...lists, not: z.strictObject(lists, where).optional() }, where)
    .transform((given): Where => canonicalWhere(given)),
});

type Change = Pick<StoredFilter, 'id' | 'name' | 'where' | 'revision'> & { isDeleted: boolean };
type Definition = Pick<StoredFilter, 'name' | 'where'>;

/** Creates or changes a filter. An unchanged filter gets no new revision. */
export async function putFilter(
  stores: Stores,
  id: number,
  given: z.output<typeof filterBody>,
  caller: Caller,
  nowMs: number,
): Promise<{ filter: StoredFilter; isNew: boolean }> {
  const signal = AbortSignal.timeout(ENGINE_LIMIT_MS);
  return untilWon(id, async () => {
    const last = await readEntry(stores, id, signal);
    const isNew = last === null || last.isDeleted;
    if (!isNew && isSame(last.filter, given)) return { filter: last.filter, isNew };
    if (isNew && (await readFilters(stores, signal)).length > MAX_FILTERS) throw tooMany();
    const change = { id, ...given, revision: nextRevision(last), isDeleted: false };
    const recordedMs = await append(stores, change, caller, nowMs, signal);
    if (recordedMs === null) return null;
    return { filter: { id, ...given, revision: change.revision, since: iso(recordedMs) }, isNew };
  });
}

/** False if the filter does not exist. */
export async function deleteFilter(stores: Stores, id: number, caller: Caller, nowMs: number): Promise<boolean> {
  const signal = AbortSignal.timeout(ENGINE_LIMIT_MS);
  return untilWon(id, async () => {
    const last = await readEntry(stores, id, signal);
    if (last === null || last.isDeleted) return false;
    const change = { ...last.filter, revision: nextRevision(last), isDeleted: true };
    return (await append(stores, change, caller, nowMs, signal)) === null ? null : true;
  });
}

const nextRevision = (last: FilterEntry | null): number => (last?.filter.revision ?? 0) + 1;
const isSame = (a: Definition, b: Definition): boolean =>
  a.name === b.name && JSON.stringify(a.where) === JSON.stringify(b.where);

/** Retries with the current state whenever somebody else wrote the revision first (null). */
async function untilWon<T>(id: number, attempt: () => Promise<T | null>): Promise<T> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const result = await attempt();
    if (result !== null) return result;
  }
  const detail = `filter ${id} is being changed by others all the time: read it and try again`;
  throw new Problem(409, 'conflict', 'The filter was changed meanwhile', detail);
}

/**
 * Writes a revision and returns since when it is valid; null: somebody else wrote that revision. ClickHouse drops later
 * inserts with the same token, so the definition of a revision never changes.
 */
async function append(
  stores: Stores,
  { id, revision, name, where, isDeleted }: Change,
  caller: Caller,
  nowMs: number,
  signal: AbortSignal,
): Promise<number | null> {
  const row = { name, definition: JSON.stringify(where), is_deleted: isDeleted };
  const insert = stores.clickhouse.insert({
    table: 'ads.filters',
    values: [{ filter_id: id, revision, ...row, recorded_at: iso(nowMs), recorded_by: caller.name }],
    format: 'JSONEachRow',
    abort_signal: signal,
    clickhouse_settings: {
      insert_deduplicate: 1,
      insert_deduplication_token: `filter-${id}-${revision}`,
      async_insert: 0,
    },
  });
  await engineCall('clickhouse', insert);
  const [written] = await queryRowsOf(stores, writtenRevision, REVISION, { id, revision }, signal);
  if (!written) return null;
  const { recorded_ms, ...found } = written;
  return JSON.stringify(found) === JSON.stringify(row) ? recorded_ms : null;
}

const tooMany = (): Problem =>
  new Problem(
    409,
    'too-many-filters',
    'There are too many filters',
    `at most ${MAX_FILTERS} filters can be registered: delete one first`,
  );
