import { z } from 'zod';
import type { Hive } from './clients/hive.ts';
import { hiveRowsOf } from './clients/hive.ts';
import { sql } from './sql.ts';

const SQL = {
  tables: sql('hive/archived_clicks/tables.sql'),
  rename: sql('hive/archived_clicks/rename.sql'),
  columns: sql('hive/archived_clicks/columns.sql'),
  addAnnotations: sql('hive/archived_clicks/add_annotations.sql'),
  view: sql('hive/archived_clicks/view.sql'),
};

const tableRow = z.object({ tab_name: z.string() });
const columnRow = z.object({ col_name: z.string().nullable() });

/**
 * Makes `clicks` a view of the archive's table, in which annotations are never null. No migration: Hive has no statement
 * for it that could be repeated, so each step looks whether it was done. Idempotent.
 * @param hive a session in the kind's database
 */
export async function showClicks(hive: Pick<Hive, 'rows' | 'execute'>): Promise<void> {
  const tables = await hiveRowsOf(hive, tableRow, SQL.tables);
  if (!tables.some(({ tab_name }) => tab_name === 'archived_clicks')) await hive.execute(SQL.rename);
  const columns = await hiveRowsOf(hive, columnRow, SQL.columns);
  if (!columns.some(({ col_name }) => col_name === 'annotations')) await hive.execute(SQL.addAnnotations);
  await hive.execute(SQL.view);
}
