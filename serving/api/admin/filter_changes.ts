import { z } from 'zod';
import { canonicalWhere, storedWhere, type Where } from '../../../domain/filters/registered_filter.ts';
import { iso } from '../../../domain/time.ts';
import { bringFilters, createRevision, type FilterRow, FiltersBehindError } from '../../../infra/filter_revisions.ts';
import type { Register } from '../../../infra/register/register.ts';
import { withTimeout } from '../../../infra/with_timeout.ts';
import type { Caller } from '../contract/access.ts';
import { EngineFailure } from '../contract/engine_failure.ts';
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
import { ENGINE_LIMIT_MS, type Stores } from '../stores/engines.ts';
import { type FilterEntry, readFilters, type StoredFilter } from '../stores/filters.ts';

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

const whereBody = z
  .strictObject({ ...lists, not: z.strictObject(lists, where).optional() }, where)
  .transform((given): Where => canonicalWhere(given));

export const filterBody = z.strictObject({
  name: textParam(`a name of 1 to ${MAX_NAME} characters`, (text) => {
    const name = text.trim();
    return name.length > 0 && name.length <= MAX_NAME && isWellFormed(name) ? name : null;
  }),
  where: whereBody,
});

const MOST_MINUTES = 60;
const minutes = `a whole number from 1 to ${MOST_MINUTES}`;
export const triedBody = z.strictObject({
  where: whereBody,
  minutes: z.int(minutes).min(1, minutes).max(MOST_MINUTES, minutes).default(5),
});

type Change = Pick<StoredFilter, 'id' | 'name' | 'where' | 'revision'> & { isDeleted: boolean };
type Definition = Pick<StoredFilter, 'name' | 'where'>;

/** Where revisions are decided, and the stores with what they are copied to. */
interface FilterSite {
  stores: Stores;
  register: Register;
}

/** Creates or changes a filter. An unchanged filter gets no new revision. */
export async function putFilter(
  site: FilterSite,
  id: number,
  given: z.output<typeof filterBody>,
  caller: Caller,
  nowMs: number,
): Promise<{ filter: StoredFilter; isNew: boolean }> {
  const signal = AbortSignal.timeout(ENGINE_LIMIT_MS);
  return untilWon(id, async () => {
    const last = await newestRevision(site, id);
    const isNew = last === null || last.isDeleted;
    if (!isNew && isSame(last.filter, given)) return { filter: last.filter, isNew };
    if (isNew && (await readFilters(site.stores, signal)).length > MAX_FILTERS) throw tooMany();
    const change = { id, ...given, revision: nextRevision(last), isDeleted: false };
    if (!(await append(site, change, caller, nowMs))) return null;
    return { filter: { id, ...given, revision: change.revision, since: iso(nowMs) }, isNew };
  });
}

/** False if the filter does not exist. */
export async function deleteFilter(site: FilterSite, id: number, caller: Caller, nowMs: number): Promise<boolean> {
  return untilWon(id, async () => {
    const last = await newestRevision(site, id);
    if (last === null || last.isDeleted) return false;
    const change = { ...last.filter, revision: nextRevision(last), isDeleted: true };
    return (await append(site, change, caller, nowMs)) ? true : null;
  });
}

const nextRevision = (last: FilterEntry | null): number => (last?.filter.revision ?? 0) + 1;
const isSame = (a: Definition, b: Definition): boolean =>
  a.name === b.name && JSON.stringify(a.where) === JSON.stringify(b.where);

/** Decides anew, from the current state, whenever somebody else made the revision first (null). */
async function untilWon<T>(id: number, attempt: () => Promise<T | null>): Promise<T> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const result = await attempt();
    if (result !== null) return result;
  }
  const detail = `filter ${id} is being changed by others all the time: read it and try again`;
  throw new Problem(409, 'conflict', 'The filter was changed meanwhile', detail);
}

/** What the register has, brought to ads.filters, from which filters are read. */
async function newestRevision(site: FilterSite, id: number): Promise<FilterEntry | null> {
  const last = (await bringToCopy(site, id)).at(-1);
  if (last === undefined) return null;
  const { name, definition, revision, recorded_at: since, is_deleted: isDeleted } = last;
  return { filter: { id, name, where: storedWhere(definition, id, revision), revision, since }, isDeleted };
}

/** False: somebody else made that revision, whose definition never changes. */
async function append(
  site: FilterSite,
  { id, revision, name, where, isDeleted }: Change,
  caller: Caller,
  nowMs: number,
): Promise<boolean> {
  const definition = JSON.stringify(where);
  const row = { filter_id: id, revision, name, definition, is_deleted: isDeleted };
  const recorded = { ...row, recorded_at: iso(nowMs), recorded_by: caller.name };
  if (!(await ofRegister(() => createRevision(site, recorded)))) return false;
  await bringToCopy(site, id);
  return true;
}

async function bringToCopy({ stores: { clickhouse }, register }: FilterSite, id: number): Promise<FilterRow[]> {
  // A register that cannot be read is told from a ClickHouse that does not answer.
  await ofRegister(() => register.list(`filters/${id}/`));
  const brought = withTimeout(bringFilters({ register, clickhouse }, id), ENGINE_LIMIT_MS, () => {
    throw new Error(`no answer in ${ENGINE_LIMIT_MS / 1_000} s`);
  });
  try {
    return await brought;
  } catch (error) {
    if (error instanceof FiltersBehindError) throw waiting(error);
    throw new EngineFailure('clickhouse', error);
  }
}

async function ofRegister<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw waiting(error);
  }
}

const waiting = (cause: unknown): Problem =>
  new Problem(
    503,
    'register-unavailable',
    'Filters cannot be changed now',
    cause instanceof FiltersBehindError ? cause.message : 'the register, which decides over changes, cannot be read',
    {},
    cause,
  );

const tooMany = (): Problem =>
  new Problem(
    409,
    'too-many-filters',
    'There are too many filters',
    `at most ${MAX_FILTERS} filters can be registered: delete one first`,
  );
