import type { Filter, Membership } from '../domain/filters/filter.ts';
import type { RegisteredFilter } from '../domain/filters/filter_revision.ts';
import { filterOf } from '../domain/filters/registered_filter.ts';
import { type ClickHouseClient, rows } from './clients/clickhouse.ts';
import { sql } from './sql.ts';

const CURRENT = sql('clickhouse/queries/filters_current.sql');

/** The currently registered filters, each in its newest revision, ordered by id. */
export async function readCurrentFilters(clickhouse: ClickHouseClient): Promise<RegisteredFilter[]> {
  const found = await rows<{ filterId: number; current: number; definition: string }>(clickhouse, CURRENT);
  return found.map(({ filterId, current: revision, definition }) => {
    try {
      return { filterId, revision, filter: filterOf(JSON.parse(definition)) };
    } catch (cause) {
      throw new Error(`ads.filters: revision ${revision} of filter ${filterId} cannot be read`, { cause });
    }
  });
}

/** The format of ads_matches() in ClickHouse: an absent list matches everything, an empty one nothing. */
export function filterParam(filter: Filter): Map<string, string[]> {
  const lists = Object.entries(filter).flatMap(([field, { in: values, not }]: [string, Membership]) => [
    ...(values === null ? [] : [[field, values] as const]),
    [`not_${field}`, not] as const,
  ]);
  return new Map(lists);
}
