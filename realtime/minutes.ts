import type { AdMinute } from '../domain/ad_minutes.ts';
import { type Filter, isAny, isByCountryOnly, type Membership } from '../domain/filter.ts';
import type { ClickHouseClient } from '../infra/clients/clickhouse.ts';
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
  return readMinutes(clickhouse, query, { from_ms: fromMs, to_ms: toMs, ...conditions(filter) });
}

/** Whole counts of re-opened minutes, of the clicks that a filter lets through. */
export function reopenedMinutes(
  clickhouse: ClickHouseClient,
  filter: Filter,
  { topicPartition: topic_partition, fromOffset, toOffset, fromMs, toMs }: Reopened,
): AsyncGenerator<AdMinute> {
  const query = isByCountryOnly(filter) ? SQL.reopened : SQL.reopenedRaw;
  const offsets = { topic_partition, from_offset: fromOffset, to_offset: toOffset };
  return readMinutes(clickhouse, query, { ...offsets, from_ms: fromMs, to_ms: toMs, ...conditions(filter) });
}

/** Parameters of the queries above; those of addresses and users are of use to the raw ones only. */
function conditions({ country, ip, user_id }: Filter): Record<string, unknown> {
  const of = (name: string, membership: Membership) => ({
    [`any_${name}`]: membership.in === null,
    [`in_${name}`]: membership.in ?? [],
    [`not_${name}`]: membership.not,
  });
  const byCountry = of('country', country);
  return isAny(ip) && isAny(user_id) ? byCountry : { ...byCountry, ...of('ip', ip), ...of('user_id', user_id) };
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
