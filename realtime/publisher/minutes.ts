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

/** ClickHouse has all their minutes in memory to find the counts. */
export const CLICKS_ASKED_TOGETHER = 500_000;

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

/** Counts of the minutes `[fromMs, toMs)`, of the clicks that a filter lets through. */
export function closedMinutes(
  clickhouse: ClickHouseClient,
  filter: Filter,
  { fromMs, toMs }: Minutes,
): AsyncGenerator<AdMinute> {
  const query = isByCountryOnly(filter) ? SQL.closed : SQL.closedRaw;
  return readMinutes(clickhouse, query, { from_ms: fromMs, to_ms: toMs, filter: filterParam(filter) });
}

/** Whole counts of those minutes of `[fromMs, toMs)` that clicks of the ranges belong to, of what a filter lets through. */
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

/** One question about all partitions costs hardly more than one about one, unless very much came for each. */
export function askedTogether(ranges: OffsetRange[]): OffsetRange[][] {
  const groups: OffsetRange[][] = [];
  let clicks = 0;
  for (const range of ranges) {
    const more = range.toOffset - range.fromOffset;
    const group = groups.at(-1);
    if (group && clicks + more <= CLICKS_ASKED_TOGETHER) {
      group.push(range);
      clicks += more;
    } else {
      groups.push([range]);
      clicks = more;
    }
  }
  return groups;
}

/** Plain comparisons, by which the primary key finds the rows of each range. */
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
    ...{ query, query_params, format: 'JSONCompactEachRow' as const },
    // A filter may name more values than a URL may hold.
    use_multipart_params_auto: true,
  });
  for await (const batch of result.stream<AdMinute>()) {
    for (const row of batch) yield row.json();
  }
}
