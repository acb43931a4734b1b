import { sql } from '../infra/sql.ts';
import type { Range } from '../serving/planner/ranges.ts';
import type { BenchSite } from './site.ts';

const FILL = sql('clickhouse/bench/span_clicks.sql');

interface Clicks {
  topic: string;
  partitions: number;
  /** Of each partition, that the clicks share if there are more of them. */
  offsets: number;
  rows: number;
  ads: number;
}

/** Clicks as if they had come evenly in a span of time, from nowhere into the tables. */
export async function fillSpan({ clickhouse }: BenchSite, { fromMs, toMs }: Range, clicks: Clicks): Promise<void> {
  const query_params = { ...clicks, start_ms: fromMs, span_ms: toMs - fromMs };
  await clickhouse.command({ query: FILL, query_params });
}
