import { Readable } from 'node:stream';
import { type EncodedRows, ROW_COLUMNS } from '../domain/click/wire.ts';
import type { ClickHouseClient } from './clients/clickhouse.ts';

/**
 * Writes rows of raw clicks, or of copies. Idempotent: ClickHouse drops a token it has seen, in each table, also in those
 * filled by views (without the setting for dependent views a repeated block would be counted twice there).
 */
export async function insertRows(
  client: ClickHouseClient,
  table: 'clicks' | 'copies_dropped',
  { bytes }: Pick<EncodedRows, 'bytes'>,
  token: string,
): Promise<void> {
  const { stream } = await client.exec({
    query: `INSERT INTO ${table} (${ROW_COLUMNS}) FORMAT RowBinary`,
    values: Readable.from([bytes], { objectMode: false }),
    clickhouse_settings: {
      insert_deduplicate: 1,
      insert_deduplication_token: token,
      deduplicate_blocks_in_dependent_materialized_views: 1,
      async_insert: 0,
      wait_end_of_query: 1,
    },
  });
  for await (const _ of stream) {
    // An INSERT returns no rows; reading to the end releases the connection.
  }
}
