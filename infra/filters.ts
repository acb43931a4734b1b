import type { RegisteredFilter } from '../domain/filter_revision.ts';
import { filterOf } from '../domain/registered_filter.ts';
import { type ClickHouseClient, rows } from './clients/clickhouse.ts';
import { sql } from './sql.ts';

const CURRENT = sql('clickhouse/queries/filters_current.sql');

/** The filters that are registered now, each in its newest revision, in order of their ids. */
export async function readCurrentFilters(clickhouse: ClickHouseClient): Promise<RegisteredFilter[]> {
  const found = await rows<{ filterId: number; current: number; definition: string }>(clickhouse, CURRENT);
  return found.map(({ filterId, current: revision, definition }) => {
    try {
      return { filterId, revision, filter: filterOf(JSON.parse(definition).where) };
    } catch (cause) {
      throw new Error(`ads.filters: revision ${revision} of filter ${filterId} cannot be read`, { cause });
    }
  });
}
