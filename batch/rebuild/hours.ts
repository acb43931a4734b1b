import type { AdMinute, Totals } from '../../domain/ad_minutes.ts';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';
import { RunFailedError } from '../run/failure.ts';
import { loadedPartition } from '../run/load.ts';
import type { RunFile } from '../run/run_files.ts';

const HOURS_SQL = sql('clickhouse/queries/batch_run_hours.sql');

/** A run's hours, aggregated by ClickHouse from its loaded minutes: `[hourMs, adId, country, clicks]`. */
export async function* runHours(
  clickhouse: ClickHouseClient,
  run: Pick<RunFile, 'day' | 'run'>,
): AsyncGenerator<AdMinute[]> {
  const partition = loadedPartition(run);
  const result = await clickhouse.query({
    query: HOURS_SQL,
    query_params: { partition },
    format: 'JSONCompactEachRow',
  });
  for await (const batch of result.stream<AdMinute>()) yield batch.map((row) => row.json());
}

/** Throws if the total clicks of the hours and of the minutes differ. */
export function checkHours({ day, run }: Pick<RunFile, 'day' | 'run'>, hours: Totals, minutes: Totals): void {
  if (hours.clicks === minutes.clicks) return;
  const what = `run ${run} of ${day} has ${minutes.clicks} clicks in its minutes, and ${hours.clicks} in its hours`;
  throw new RunFailedError('counts_disagree', what);
}
