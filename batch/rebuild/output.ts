import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { listValue } from '@duckdb/node-api';
import type { AdMinute, Totals } from '../../domain/ad_minutes.ts';
import { sql } from '../../infra/sql.ts';
import type { DuckDBConnection } from '../archive/files/duckdb.ts';

const SQL = { totals: sql('duckdb/rebuild_run_totals.sql'), rows: sql('duckdb/rebuild_run_rows.sql') };

/** The Parquet files of a run's folder. Hive names them `000000_0`; names beginning with a dot or `_` are not data. */
export function outputFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^[._]/.test(entry.name))
    .map((entry) => join(folder, entry.name))
    .sort();
}

export async function outputTotals(duck: DuckDBConnection, files: string[]): Promise<Totals> {
  if (files.length === 0) return { documents: 0, clicks: 0 };
  const answer = await duck.runAndReadAll(SQL.totals, { paths: listValue(files) });
  const [totals] = answer.getRowObjects();
  return { documents: Number(totals?.documents), clicks: Number(totals?.clicks ?? 0) };
}

/** The run's minutes, a few thousand at a time. */
export async function* outputRows(duck: DuckDBConnection, files: string[]): AsyncGenerator<AdMinute[]> {
  if (files.length === 0) return;
  const result = await duck.stream(SQL.rows, { paths: listValue(files) });
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    yield chunk
      .getRows()
      .map(([minute, ad, country, clicks]) => [Number(minute), String(ad), String(country), Number(clicks)]);
  }
}
