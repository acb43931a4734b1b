import { type ClickHouseClient, rows } from '../../../infra/clients/clickhouse.ts';

/**
 * Drops the minutes of runs of a time, as the platform does. A mutation would have to write the projection of reports
 * anew, and is aborted when another test drops a partition meanwhile.
 * @param times days, months or years, such as `2021-01-05` or `2021`
 */
export async function dropRuns(clickhouse: ClickHouseClient, times: readonly string[]): Promise<void> {
  const partitions = await rows<{ id: string }>(
    clickhouse,
    `SELECT DISTINCT partition_id AS id FROM system.parts
     WHERE active AND database = currentDatabase() AND table = 'clicks_per_minute_batch'
       AND arrayExists(time -> startsWith(partition_id, time), {times:Array(String)})`,
    { times: times.map((time) => time.replaceAll('-', '')) },
  );
  for (const { id } of partitions) {
    await clickhouse.command({ query: `ALTER TABLE clicks_per_minute_batch DROP PARTITION ID '${id}'` });
  }
}
