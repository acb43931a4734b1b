import { sql } from '../infra/sql.ts';
import type { Range } from '../serving/planner/ranges.ts';
import type { BenchSite } from './site.ts';

const FILL = sql('clickhouse/bench/span_clicks.sql');

interface Clicks {
  topic: string;
  partitions: number;
  /** Offsets per partition; several clicks share one if there are more clicks. */
  offsets: number;
  rows: number;
  ads: number;
}

/** Inserts clicks into the tables as if they had come evenly over a period. */
export async function fillSpan({ clickhouse }: BenchSite, { fromMs, toMs }: Range, clicks: Clicks): Promise<void> {
  const query_params = { ...clicks, start_ms: fromMs, span_ms: toMs - fromMs };
  await clickhouse.command({ query: FILL, query_params });
}
