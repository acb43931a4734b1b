import type { AdMinute } from '../../domain/ad_minutes.ts';
import { type Filter, isByCountryOnly } from '../../domain/filters/filter.ts';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import { filterParam } from '../../infra/filters.ts';
import { sql } from '../../infra/sql.ts';

const SQL = {
  closed: sql('clickhouse/queries/publisher_closed_minutes.sql'),
  reopened: sql('clickhouse/queries/publisher_reopened_minutes.sql'),
  closedRaw: sql('clickhouse/queries/publisher_closed_raw.sql'),
  reopenedRaw: sql('clickhouse/queries/publisher_reopened_raw.sql'),
};

/** Limits memory: ClickHouse holds all minutes of these clicks while it computes the counts. */
export const MAX_CLICKS_PER_QUERY = 500_000;

/** Messages `[fromOffset, toOffset)` of a partition. */
export interface OffsetRange {
  topicPartition: string;
  fromOffset: number;
  toOffset: number;
}

interface Minutes {
  fromMs: number;
  toMs: number;
}

/** Counts of the minutes `[fromMs, toMs)`, for the clicks that a filter matches. */
export function closedMinutes(
  clickhouse: ClickHouseClient,
  filter: Filter,
  { fromMs, toMs }: Minutes,
): AsyncGenerator<AdMinute> {
  const query = isByCountryOnly(filter) ? SQL.closed : SQL.closedRaw;
  return readMinutes(clickhouse, query, { from_ms: fromMs, to_ms: toMs, filter: filterParam(filter) });
}

/**
 * Full counts, for the clicks that a filter matches, of the minutes in `[fromMs, toMs)` that have clicks in the ranges.
 */
export function reopenedMinutes(
  clickhouse: ClickHouseClient,
  filter: Filter,
  ranges: readonly OffsetRange[],
  { fromMs, toMs }: Minutes,
): AsyncGenerator<AdMinute> {
  const query = (isByCountryOnly(filter) ? SQL.reopened : SQL.reopenedRaw).replace(
    '{ranges}',
    ranges.map(isInRange).join(' OR '),
  );
  const params = { from_ms: fromMs, to_ms: toMs, filter: filterParam(filter) };
  return readMinutes(clickhouse, query, Object.assign(params, ...ranges.map(rangeParams)));
}

/**
 * Groups ranges into one query each: a query over all partitions costs hardly more than over one, unless a range is
 * large.
 */
export function groupRanges(ranges: OffsetRange[]): OffsetRange[][] {
  const groups: OffsetRange[][] = [];
  let clicks = 0;
  for (const range of ranges) {
    const more = range.toOffset - range.fromOffset;
    const group = groups.at(-1);
    if (group && clicks + more <= MAX_CLICKS_PER_QUERY) {
      group.push(range);
      clicks += more;
    } else {
      groups.push([range]);
      clicks = more;
    }
  }
  return groups;
}

/** Plain comparisons, so that the primary key finds the rows of each range. */
const isInRange = (_: OffsetRange, i: number): string =>
  `topic_partition = {partition_${i}:String} AND topic_offset >= {from_${i}:UInt64} AND topic_offset < {to_${i}:UInt64}`;

const rangeParams = ({ topicPartition, fromOffset, toOffset }: OffsetRange, i: number) => ({
  [`partition_${i}`]: topicPartition,
  [`from_${i}`]: fromOffset,
  [`to_${i}`]: toOffset,
});

async function* readMinutes(
  clickhouse: ClickHouseClient,
  query: string,
  query_params: Record<string, unknown>,
): AsyncGenerator<AdMinute> {
  const result = await clickhouse.query({
    query,
    query_params,
    format: 'JSONCompactEachRow' as const,
    // A filter may contain more values than fit into a URL.
    use_multipart_params_auto: true,
  });
  for await (const batch of result.stream<AdMinute>()) {
    for (const row of batch) yield row.json();
  }
}
