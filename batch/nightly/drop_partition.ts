import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';

const DROP = sql('clickhouse/queries/batch_drop_partition.sql');

/** However large the partition is: otherwise one of more than 50 GB is refused. */
export async function dropPartition(clickhouse: ClickHouseClient, table: string, partition: string): Promise<void> {
  await clickhouse.command({
    query: DROP,
    query_params: { table, partition },
    clickhouse_settings: { max_partition_size_to_drop: '0' },
  });
}
