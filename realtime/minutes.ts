import type { AdMinute } from '../domain/ad_minutes.ts';
import { type Filter, isByCountryOnly } from '../domain/filter.ts';
import type { ClickHouseClient } from '../infra/clients/clickhouse.ts';
import { filterParam } from '../infra/filters.ts';
import { sql } from '../infra/sql.ts';

const SQL = {
  closed: sql('clickhouse/queries/publisher_closed_minutes.sql'),
  reopened: sql('clickhouse/queries/publisher_reopened_minutes.sql'),
  closedRaw: sql('clickhouse/queries/publisher_closed_raw.sql'),
  reopenedRaw: sql('clickhouse/queries/publisher_reopened_raw.sql'),
};

/** Minutes of `[fromMs, toMs)` that clicks at offsets of one partition belong to. */
export interface Reopened {
  topicPartition: string;
  fromOffset: number;
  toOffset: number;
  fromMs: number;
  toMs: number;
}

/** Counts of the minutes `[fromMs, toMs)`, of the clicks that a filter lets through. */
export function closedMinutes(
  clickhouse: ClickHouseClient,
  filter: Filter,
  { fromMs, toMs }: Pick<Reopened, 'fromMs' | 'toMs'>,
): AsyncGenerator<AdMinute> {
  const query = isByCountryOnly(filter) ? SQL.closed : SQL.closedRaw;
  return readMinutes(clickhouse, query, { from_ms: fromMs, to_ms: toMs, filter: filterParam(filter) });
}

/** Whole counts of re-opened minutes, of the clicks that a filter lets through. */
export function reopenedMinutes(
  clickhouse: ClickHouseClient,
  filter: Filter,
  { topicPartition: topic_partition, fromOffset, toOffset, fromMs, toMs }: Reopened,
): AsyncGenerator<AdMinute> {
  const query = isByCountryOnly(filter) ? SQL.reopened : SQL.reopenedRaw;
  const offsets = { topic_partition, from_offset: fromOffset, to_offset: toOffset };
  return readMinutes(clickhouse, query, { ...offsets, from_ms: fromMs, to_ms: toMs, filter: filterParam(filter) });
}

async function* readMinutes(
  clickhouse: ClickHouseClient,
  query: string,
  query_params: Record<string, unknown>,
): AsyncGenerator<AdMinute> {
  const result = await clickhouse.query({
    ...{ query, query_params, format: 'JSONCompactEachRow' as const },
    // A filter may name more values than a URL may hold.
    use_multipart_params_auto: true,
  });
  for await (const batch of result.stream<AdMinute>()) {
    for (const row of batch) yield row.json();
  }
}
