import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Hive } from '../../../infra/clients/hive.ts';
import { fillHive, hiveDay, hiveInteger, hiveLocation, hivePiece } from '../../../infra/hive_statement.ts';

/** Writes rows into partitions of Hive's tables, with files in a test's own folder. */
export async function fillPartition(
  hive: Hive,
  folder: string,
  { table, date, run }: { table: 'archived_clicks' | 'clicks_per_minute_runs'; date: string; run?: number },
  columns: Record<string, 'VARCHAR' | 'BIGINT'>,
  rows: Record<string, string | number>[],
): Promise<void> {
  const path = join(folder, `${table}-${date}-${run ?? 0}`);
  mkdirSync(path, { recursive: true });
  const connection = await (await DuckDBInstance.create()).connect();
  await connection.run(
    `CREATE TABLE t (${Object.entries(columns)
      .map(([name, type]) => `${name} ${type}`)
      .join(', ')})`,
  );
  const appender = await connection.createAppender('t');
  for (const row of rows) {
    for (const [name, type] of Object.entries(columns)) {
      if (type === 'BIGINT') appender.appendBigInt(BigInt(row[name] as number));
      else appender.appendVarchar(String(row[name]));
    }
    appender.endRow();
  }
  appender.closeSync();
  await connection.run(`COPY t TO '${join(path, 'rows.parquet')}' (FORMAT parquet)`);
  connection.closeSync();
  const partition =
    run === undefined ? hivePiece`dt = ${hiveDay(date)}` : hivePiece`dt = ${hiveDay(date)}, run = ${hiveInteger(run)}`;
  await dropPartition(hive, { table, date });
  const add = `ALTER TABLE ads.${table} ADD PARTITION ({partition}) LOCATION {location}`;
  await hive.execute(fillHive(add, { partition, location: hiveLocation(path) }));
}

export const dropPartition = (hive: Hive, { table, date }: { table: string; date: string }): Promise<void> =>
  hive.execute(fillHive(`ALTER TABLE ads.${table} DROP IF EXISTS PARTITION (dt = {day})`, { day: hiveDay(date) }));
