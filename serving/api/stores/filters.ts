import { z } from 'zod';
import { filterRevision } from '../../../domain/filters/filter_revision.ts';
import { storedWhere, type Where } from '../../../domain/filters/registered_filter.ts';
import { iso } from '../../../domain/time.ts';
import { sql } from '../../../infra/sql.ts';
import { queryRowsOf, type Stores } from './engines.ts';

const FILTERS = sql('clickhouse/queries/api_filters.sql');
const REVISION = sql('clickhouse/queries/api_filter_revision.sql');

export interface StoredFilter {
  id: number;
  name: string;
  where: Where;
  /** Counts every change of name or definition, and deletions. */
  revision: number;
  /** When its current definition became valid; null: it always was. */
  since: string | null;
}

const ALL: StoredFilter = { id: 0, name: 'all clicks', where: {}, revision: 0, since: null };

/** Filter 0 and all registered ones, ordered by id. */
export async function readFilters(stores: Pick<Stores, 'clickhouse'>, signal: AbortSignal): Promise<StoredFilter[]> {
  const entries = await readEntries(stores, [], signal);
  return [ALL, ...entries.filter(({ isDeleted }) => !isDeleted).map(({ filter }) => filter)];
}

export async function readFilter(
  stores: Pick<Stores, 'clickhouse'>,
  id: number,
  signal: AbortSignal,
): Promise<StoredFilter | null> {
  if (id === 0) return ALL;
  const entry = await readEntry(stores, id, signal);
  return entry && !entry.isDeleted ? entry.filter : null;
}

/** A filter as a revision defined it, also when it has been changed or deleted since; null: it defined none. */
export async function readFilterRevision(
  stores: Pick<Stores, 'clickhouse'>,
  id: number,
  revision: number,
  signal: AbortSignal,
): Promise<StoredFilter | null> {
  const [entry] = (await queryRowsOf(stores, storedRow, REVISION, { id, revision }, signal)).map(entryOf);
  return entry && !entry.isDeleted ? entry.filter : null;
}

/** The latest revision of a filter. */
export interface FilterEntry {
  filter: StoredFilter;
  isDeleted: boolean;
}

async function readEntry(
  stores: Pick<Stores, 'clickhouse'>,
  id: number,
  signal: AbortSignal,
): Promise<FilterEntry | null> {
  const [entry] = await readEntries(stores, [id], signal);
  return entry ?? null;
}

const { filterId, revision } = filterRevision.shape;
const storedRow = z.object({
  id: filterId,
  last_revision: revision,
  name: z.string(),
  definition: z.string(),
  is_deleted: z.boolean(),
  recorded_ms: z.int(),
});

async function readEntries(
  stores: Pick<Stores, 'clickhouse'>,
  ids: number[],
  signal: AbortSignal,
): Promise<FilterEntry[]> {
  const rows = await queryRowsOf(stores, storedRow, FILTERS, { ids }, signal);
  return rows.map(entryOf);
}

const entryOf = ({
  id,
  name,
  definition,
  last_revision,
  is_deleted,
  recorded_ms,
}: z.infer<typeof storedRow>): FilterEntry => ({
  filter: {
    id,
    name,
    where: storedWhere(definition, id, last_revision),
    revision: last_revision,
    since: iso(recorded_ms),
  },
  isDeleted: is_deleted,
});
