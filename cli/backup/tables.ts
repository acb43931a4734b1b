import { createReadStream, statSync } from 'node:fs';
import { z } from 'zod';
import { type ClickHouseClient, rowsOf } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';
import type { TABLES } from './manifest.ts';

type Table = (typeof TABLES)[number];

const COLUMNS = sql('clickhouse/backup/columns.sql');
const CLOSE = sql('clickhouse/backup/close_requests.sql');
const both = (table: Table) => ({
  read: sql(`clickhouse/backup/${table}.sql`),
  back: sql(`clickhouse/backup/${table}_back.sql`),
});
const SQL = {
  reconciliations: both('reconciliations'),
  run_requests: both('run_requests'),
  replays: both('replays'),
} satisfies Record<Table, unknown>;

/** Names that are no names of ours would be statements of somebody else's. */
const NAME = /^[a-z][a-z0-9_]*$/;
function filled(text: string, database: string, columns: string[]): string {
  for (const name of [database, ...columns]) if (!NAME.test(name)) throw new Error(`"${name}" is no name of a column`);
  return text.replaceAll('{database}', database).replaceAll('{columns}', columns.join(', '));
}

export async function columnsOf(clickhouse: ClickHouseClient, table: Table): Promise<string[]> {
  const found = await rowsOf(clickhouse, z.object({ name: z.string() }), COLUMNS, { table });
  return found.map(({ name }) => name);
}

/** Rows in the order of a backup, each as a line. */
export async function* readTable(
  clickhouse: ClickHouseClient,
  table: Table,
  columns: string[],
  database = clickhouse.database,
): AsyncGenerator<string> {
  const result = await clickhouse.query({ query: filled(SQL[table].read, database, columns), format: 'JSONEachRow' });
  for await (const rows of result.stream()) for (const row of rows) yield row.text;
}

/** Databases of the same server that a backup is brought back into, one for each kind. */
const besideOf = (clickhouse: ClickHouseClient, id: string): string => `${clickhouse.database}_backup_${id}`;

export const dropBeside = (clickhouse: ClickHouseClient, id: string): Promise<unknown> =>
  clickhouse.command({ query: `DROP DATABASE IF EXISTS ${besideOf(clickhouse, id)} SYNC` });

/** Makes a table beside with the lines of a file. */
export async function fillBeside(
  clickhouse: ClickHouseClient,
  id: string,
  { table, columns, path }: { table: Table; columns: string[]; path: string },
): Promise<string> {
  const database = besideOf(clickhouse, id);
  await clickhouse.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` });
  await clickhouse.command({ query: `DROP TABLE IF EXISTS ${database}.${table} SYNC` });
  await clickhouse.command({ query: `CREATE TABLE ${database}.${table} AS ${clickhouse.database}.${table}` });
  // The bytes as they are: parsed here, a count above 2^53 would become another one.
  if (statSync(path).size > 0) {
    const { stream } = await clickhouse.exec({
      query: filled(`INSERT INTO {database}.${table} ({columns}) FORMAT JSONEachRow`, database, columns),
      values: createReadStream(path),
      clickhouse_settings: { async_insert: 0, wait_end_of_query: 1 },
    });
    for await (const _ of stream) {
      // An INSERT returns no rows; reading to the end releases the connection.
    }
  }
  return database;
}

/** Brings back what the table does not have. Requests that were open at the time are closed. Idempotent. Returns how many rows. */
export async function bringTableBack(
  clickhouse: ClickHouseClient,
  database: string,
  { table, columns, note }: { table: Table; columns: string[]; note: string },
): Promise<number> {
  if (table === 'run_requests')
    await clickhouse.command({ query: filled(CLOSE, database, columns), query_params: { note } });
  const result = await clickhouse.command({
    query: filled(SQL[table].back, database, columns),
    // Otherwise the number of rows is sent before it is known.
    clickhouse_settings: { wait_end_of_query: 1 },
  });
  return Number(result.summary?.written_rows ?? 0);
}
