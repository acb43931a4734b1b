import { z } from 'zod';
import { time } from '../domain/fields.ts';
import { filterRevision } from '../domain/filters/filter_revision.ts';
import { iso } from '../domain/time.ts';
import { type ClickHouseClient, rowsOf } from './clients/clickhouse.ts';
import { reportFinding, settleFinding } from './register/findings.ts';
import { numbered, type Register } from './register/register.ts';
import { sql } from './sql.ts';

const COPY = sql('clickhouse/queries/filters_copy.sql');

const { filterId, revision } = filterRevision.shape;
/** A filter as somebody put it, or its deletion: in the register, and as a row of its copy ads.filters. */
const filterRow = z.strictObject({
  filter_id: filterId,
  revision,
  name: z.string(),
  /** JSON: as it was put. */
  definition: z.string(),
  is_deleted: z.boolean(),
  recorded_at: time,
  recorded_by: z.string(),
});
export type FilterRow = z.infer<typeof filterRow>;

/** Where revisions are decided, and the engine with their copy. */
interface Revisions {
  register: Register;
  clickhouse: ClickHouseClient;
}

const FILTERS = 'filters/';
/** Says that the register has the revisions from before there was one. */
const IMPORTED = `${FILTERS}imported`;
const keyOf = ({ filter_id, revision }: Pick<FilterRow, 'filter_id' | 'revision'>): string =>
  `${FILTERS}${filter_id}/${numbered(revision)}`;

/** The finding of a register that is behind ads.filters. */
const FILTERS_BEHIND = 'filters-behind';
const MEND =
  'put the right register back (REGISTER_URL), or bring this one forward: ./clickledger restore --register (with ' +
  '--dry-run it only shows what it would add)';

/** ads.filters has a revision that the register does not have. */
export class FiltersBehindError extends Error {}

/** What the copy lacks, and the revisions that it has and the register does not. */
function compareFilters(revisions: FilterRow[], copy: FilterRow[]) {
  const [inRegister, inCopy] = [new Set(revisions.map(keyOf)), new Set(copy.map(keyOf))];
  return {
    missing: revisions.filter((row) => !inCopy.has(keyOf(row))),
    ahead: copy.filter((row) => !inRegister.has(keyOf(row))),
  };
}

/** False: somebody else has made that revision, so the change must be decided anew. */
export const createRevision = async ({ register }: Pick<Revisions, 'register'>, row: FilterRow): Promise<boolean> =>
  (await register.create(keyOf(row), row)) === 'made';

/**
 * Brings ads.filters forward to the register, for one filter or for all, and returns their revisions in order. A register
 * that was never used takes over what is there. Throws FiltersBehindError if the copy has what the register does not.
 */
export async function bringFilters(site: Revisions, id: number | null): Promise<FilterRow[]> {
  const { register, clickhouse } = site;
  await importFilters(site);
  // The copy first: whatever is in it was in the register before.
  const copy = await copiedFilters(clickhouse, id);
  const revisions = await revisionsIn(register, id);
  const known = new Set(revisions.map(({ filter_id }) => filter_id));
  const { missing, ahead } = compareFilters(revisions, copy);
  // Filters that the register does not know at all are those of another one beside it.
  const lost = ahead.find(({ filter_id }) => id !== null || known.has(filter_id));
  if (lost) {
    const what = `ads.filters has revision ${lost.revision} of filter ${lost.filter_id}, which the register does not have`;
    const found = { code: 'register_behind', what, mend: MEND, range: null, found_at: iso(Date.now()) };
    await reportFinding(register, FILTERS_BEHIND, found);
    throw new FiltersBehindError(`${what}: ${MEND}`);
  }
  if (id === null) await settleFinding(register, FILTERS_BEHIND, 'the register has what ads.filters has');
  for (const row of missing) await insertRevision(clickhouse, row);
  return revisions;
}

async function importFilters({ register, clickhouse }: Revisions): Promise<void> {
  if ((await register.read(z.object({}), IMPORTED)) !== null) return;
  for (const row of await copiedFilters(clickhouse, null)) await register.create(keyOf(row), row);
  await register.create(IMPORTED, {});
}

/** Revisions that ads.filters has and the register does not. */
export async function filtersAhead({ register, clickhouse }: Revisions): Promise<FilterRow[]> {
  const copy = await copiedFilters(clickhouse, null);
  return compareFilters(await revisionsIn(register, null), copy).ahead;
}

async function revisionsIn(register: Register, id: number | null): Promise<FilterRow[]> {
  const keys = await register.list(id === null ? FILTERS : `${FILTERS}${id}/`);
  const rows = await Promise.all(keys.filter((key) => key !== IMPORTED).map((key) => register.read(filterRow, key)));
  return rows.filter((row) => row !== null);
}

/** Rows of ads.filters, of one filter or of all; of two of one revision the first counts. */
const copiedFilters = (clickhouse: ClickHouseClient, id: number | null): Promise<FilterRow[]> =>
  rowsOf(clickhouse, filterRow, COPY, { id });

/** ClickHouse drops a second insert of the same revision. */
const insertRevision = (clickhouse: ClickHouseClient, row: FilterRow): Promise<unknown> =>
  clickhouse.insert({
    table: 'ads.filters',
    values: [row],
    format: 'JSONEachRow',
    clickhouse_settings: {
      insert_deduplicate: 1,
      insert_deduplication_token: `filter-${row.filter_id}-${row.revision}`,
      async_insert: 0,
    },
  });
