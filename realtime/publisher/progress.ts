import { z } from 'zod';
import { type FiltersSince, filtersSince } from '../../domain/ad_minutes.ts';
import { cut } from '../../domain/cut.ts';
import { count } from '../../domain/fields.ts';
import { iso } from '../../domain/time.ts';
import { type ClickHouseClient, rowsOf } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';

const PROGRESS_SQL = sql('clickhouse/queries/publisher_progress.sql');

/**
 * What the publisher has sent: minutes before `boundaryMs`, with the clicks below the offset of each `topic-partition`.
 */
export interface Published {
  version: number;
  offsets: Map<string, number>;
  /** Null before the first step. */
  boundaryMs: number | null;
  /** Filters whose rows were sent, too: those of the minutes from then on (epoch ms). */
  filters: FiltersSince;
}

const progressRow = z.object({ version: count, offsets: cut, boundaryMs: z.int(), filters: filtersSince });

export async function readPublishedProgress(clickhouse: ClickHouseClient): Promise<Published> {
  const [row] = await rowsOf(clickhouse, progressRow, PROGRESS_SQL);
  if (!row) return { version: 0, offsets: new Map(), boundaryMs: null, filters: {} };
  const { version, boundaryMs, filters } = row;
  return { version, offsets: new Map(Object.entries(row.offsets)), boundaryMs, filters };
}

export async function savePublished(clickhouse: ClickHouseClient, published: Published): Promise<void> {
  await clickhouse.insert({
    table: 'publisher_progress',
    values: [
      {
        version: published.version,
        sink_offsets: Object.fromEntries(published.offsets),
        boundary: iso(published.boundaryMs ?? 0),
        filters: published.filters,
      },
    ],
    columns: ['version', 'sink_offsets', 'boundary', 'filters'],
    format: 'JSONEachRow',
    clickhouse_settings: { async_insert: 0 },
  });
}
