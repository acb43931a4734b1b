import { z } from 'zod';
import type { Filter, Membership } from '../domain/filters/filter.ts';
import { filterRevision, type RegisteredFilter } from '../domain/filters/filter_revision.ts';
import { filterOf, storedWhere } from '../domain/filters/registered_filter.ts';
import { type ClickHouseClient, rowsOf } from './clients/clickhouse.ts';
import { sql } from './sql.ts';

const CURRENT = sql('clickhouse/queries/filters_current.sql');

const { filterId, revision } = filterRevision.shape;
const currentFilter = z.object({ filterId, current: revision, definition: z.string() }).transform(
  ({ filterId, current: revision, definition }): RegisteredFilter => ({
    filterId,
    revision,
    filter: filterOf(storedWhere(definition, filterId, revision)),
  }),
);

/** The currently registered filters, each in its newest revision, ordered by id. */
export const readCurrentFilters = (clickhouse: ClickHouseClient): Promise<RegisteredFilter[]> =>
  rowsOf(clickhouse, currentFilter, CURRENT);

/** The format of ads_matches() in ClickHouse: an absent list matches everything, an empty one nothing. */
export function filterParam(filter: Filter): Map<string, string[]> {
  const lists = Object.entries(filter).flatMap(([field, { in: values, not }]: [string, Membership]) => [
    ...(values === null ? [] : [[field, values] as const]),
    [`not_${field}`, not] as const,
  ]);
  return new Map(lists);
}
