import { z } from 'zod';
import { ofReplay, type PauseStep } from '../domain/replay.ts';
import { type ClickHouseClient, rowsOf } from './clients/clickhouse.ts';
import { sql } from './sql.ts';

const TABLES_SQL = sql('clickhouse/replay/staged_tables.sql');

const stagedTable = z.object({ name: z.string() });

/** Names of the tables that a replay has staged. */
export async function stagedTables(clickhouse: ClickHouseClient, replay: number): Promise<Set<string>> {
  const found = await rowsOf(clickhouse, stagedTable, ofReplay(TABLES_SQL, clickhouse.database, replay));
  return new Set(found.map(({ name }) => name));
}

/** Ends pauses of the sink, which then continues. */
export async function releasePauses(clickhouse: ClickHouseClient, replay: number, steps: PauseStep[]): Promise<void> {
  if (steps.length === 0) return;
  await clickhouse.insert({
    table: 'sink_pauses',
    values: steps.map((step) => ({ replay, step, until: 0, released: 1 })),
    columns: ['replay', 'step', 'until', 'released'],
    format: 'JSONEachRow',
    clickhouse_settings: { async_insert: 0 },
  });
}
