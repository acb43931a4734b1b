import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { z } from 'zod';
import { parsedRows } from '../sql.ts';

export type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';

const REQUEST_TIMEOUT_MS = 120_000;

export function createClickHouse(url: string): ClickHouseClient {
  return createClient({
    url,
    request_timeout: REQUEST_TIMEOUT_MS,
    // ClickHouse closes idle sockets after 10 s; the client must close them earlier.
    keep_alive: { enabled: true, idle_socket_ttl: 2_500 },
    max_open_connections: 16,
    // Failures are thrown; the client's own log lines on standard error would repeat them.
    log: { level: ClickHouseLogLevel.OFF },
    compression: { request: false, response: false },
    clickhouse_settings: {
      date_time_input_format: 'best_effort',
      date_time_output_format: 'iso',
      output_format_json_quote_64bit_integers: 0,
      // Without it a query of many seconds sends nothing, and the idle connection may be cut.
      send_progress_in_http_headers: 1,
      http_headers_progress_interval_ms: '10000',
    },
  });
}

/** All rows of a small answer, each as its schema has it; throws an error that names query, row and column otherwise. */
export async function rowsOf<Schema extends z.ZodType>(
  client: ClickHouseClient,
  schema: Schema,
  query: string,
  query_params: Record<string, unknown> = {},
): Promise<z.output<Schema>[]> {
  return parsedRows(schema, await rows(client, query, query_params), query);
}

/** All rows of a small answer, as they came: for figures that nothing is decided by. */
export async function rows<Row>(
  client: ClickHouseClient,
  query: string,
  query_params: Record<string, unknown> = {},
): Promise<Row[]> {
  const result = await client.query({ query, query_params, format: 'JSONEachRow' });
  return result.json<Row>();
}
