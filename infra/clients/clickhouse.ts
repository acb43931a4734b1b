import {
  ClickHouseLogLevel,
  type ClickHouseSettings,
  createClient,
  type ClickHouseClient as Driver,
} from '@clickhouse/client';
import type { z } from 'zod';
import { databaseOf } from '../../domain/names.ts';
import type { ClickHouseAddress } from '../engine_settings/addresses.ts';
import { parsedRows } from '../sql.ts';
import { explaining, withExplanation } from './faults.ts';

export type { ClickHouseSettings } from '@clickhouse/client';

/** Asks one database: our queries name tables without it. */
export type ClickHouseClient = Driver & { readonly database: string };

const REQUEST_TIMEOUT_MS = 120_000;

/**
 * What a user's profile may not change, because an answer would be smaller, or another one, without an error: a limit that
 * is overstepped is an error, and no answer from what was read so far. Every setting costs time with every question, so
 * these are the ones that profiles have; the others are compared at start (infra/preflight/clickhouse_settings.ts).
 */
const PINNED: ClickHouseSettings = {
  read_overflow_mode: 'throw',
  timeout_overflow_mode: 'throw',
  set_overflow_mode: 'throw',
  join_overflow_mode: 'throw',
  group_by_overflow_mode: 'throw',
  max_rows_to_group_by: '0',
  result_overflow_mode: 'throw',
  max_result_rows: '0',
  join_use_nulls: 0,
  session_timezone: 'UTC',
  use_query_cache: 0,
  async_insert: 0,
};

export interface ClickHouseOptions {
  /** The database of the kind of event whose tables are asked. */
  database?: string;
  /** Without it each question has a connection of its own. */
  keepAlive?: boolean;
  /** The most that are open at once; further questions wait for one. */
  connections?: number;
  /** Settings of every question. */
  settings?: ClickHouseSettings;
}

/** @param at an address, or a URL that may name user and password */
export function createClickHouse(
  at: ClickHouseAddress | string,
  { database = databaseOf('click'), keepAlive = true, connections = 16, settings = {} }: ClickHouseOptions = {},
): ClickHouseClient {
  const { url, login, ca } = typeof at === 'string' ? { url: at, login: null, ca: undefined } : at;
  const driver = createClient({
    url,
    ...login,
    ...(ca !== undefined && { tls: { ca_cert: Buffer.from(ca) } }),
    database,
    request_timeout: REQUEST_TIMEOUT_MS,
    // ClickHouse closes idle sockets after 10 s; the client must close them earlier.
    keep_alive: { enabled: keepAlive, idle_socket_ttl: 2_500 },
    max_open_connections: connections,
    // Failures are thrown; the client's own log lines on standard error would repeat them.
    log: { level: ClickHouseLogLevel.OFF },
    compression: { request: false, response: false },
    clickhouse_settings: {
      ...PINNED,
      date_time_input_format: 'best_effort',
      date_time_output_format: 'iso',
      output_format_json_quote_64bit_integers: 0,
      // Without it a query of many seconds sends nothing, and the idle connection may be cut.
      send_progress_in_http_headers: 1,
      http_headers_progress_interval_ms: '10000',
      ...settings,
    },
  });
  const place = new URL(url).host;
  return Object.assign(
    explaining(driver, (error) => withExplanation('clickhouse', place, error)),
    { database },
  );
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
