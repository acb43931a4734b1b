import { createReadStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { z } from 'zod';
import { type Totals, totals } from '../../domain/ad_minutes.ts';
import { count } from '../../domain/fields.ts';
import { runPartition } from '../../domain/names.ts';
import { type ClickHouseClient, rowsOf } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';
import type { RunFile } from './run_files.ts';

const SQL = {
  stop: sql('clickhouse/queries/batch_stop_load.sql'),
  drop: sql('clickhouse/queries/batch_drop_run.sql'),
  load: sql('clickhouse/queries/batch_load_run.sql'),
  loaded: sql('clickhouse/queries/batch_loaded_run.sql'),
  realtime: sql('clickhouse/queries/batch_realtime_clicks.sql'),
};

const dayClicks = z.object({ clicks: count });

export const loadedPartition = ({ day, run }: Pick<RunFile, 'day' | 'run'>): string => runPartition(day, run);

/**
 * Loads a run's files into ads.clicks_per_minute_batch, always from nothing. Returns the totals there afterwards. Never
 * for a published run: it would be missing for a moment (unless it is on record as gone).
 */
export async function loadRun(
  clickhouse: ClickHouseClient,
  { day, run }: Pick<RunFile, 'day' | 'run'>,
  files: string[],
): Promise<Totals> {
  const partition = loadedPartition({ day, run });
  const prefix = `clickledger-load-${clickhouse.database}-${partition}-`;
  // An insert of a killed process may still be running, and would add its rows after the new ones.
  await clickhouse.command({ query: SQL.stop, query_params: { prefix } });
  await clickhouse.command({ query: SQL.drop, query_params: { partition } });
  for (const [number, file] of files.entries()) {
    const { stream } = await clickhouse.exec({
      query: SQL.load,
      query_params: { run },
      query_id: `${prefix}${number}`,
      values: createReadStream(file),
    });
    await finished(stream.resume());
  }
  return loadedTotals(clickhouse, { day, run });
}

/** What ClickHouse has of the minutes of a run. */
export async function loadedTotals(clickhouse: ClickHouseClient, run: Pick<RunFile, 'day' | 'run'>): Promise<Totals> {
  const [loaded] = await rowsOf(clickhouse, totals, SQL.loaded, { partition: loadedPartition(run) });
  return loaded ?? { documents: 0, clicks: 0 };
}

/** The real-time count of a day. */
export async function realtimeClicks(clickhouse: ClickHouseClient, day: string): Promise<number> {
  const [realtime] = await rowsOf(clickhouse, dayClicks, SQL.realtime, { day });
  return realtime?.clicks ?? 0;
}
