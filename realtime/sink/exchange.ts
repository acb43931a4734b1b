import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { count, month } from '../../domain/fields.ts';
import { DECIDED, EXCHANGED, ofReplay, STAGED, stagingOf } from '../../domain/replay.ts';
import { type ClickHouseClient, rowsOf } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';
import { stagedTables } from '../../infra/staged.ts';
import { waitUntil } from '../../infra/wait.ts';

const SQL = {
  months: sql('clickhouse/replay/months.sql'),
  annotate: sql('clickhouse/replay/annotate.sql'),
  exchange: sql('clickhouse/replay/exchange_table.sql'),
  underWay: sql('clickhouse/replay/exchanging.sql'),
};

const replayedMonth = z.object({ month });
const underWay = z.object({ statements: count });

/** The staged tables that may be from a release without annotations. */
const ANNOTATED = ['copies_dropped', 'clicks', DECIDED];

/**
 * Replaces partitions of the real-time tables with those of a decided replay; the tables keep their views and dedupe
 * tokens. Nothing may be inserted meanwhile. Idempotent, so a later process can repeat it if one was killed: a staged
 * table that is absent has been exchanged, and statements still running for the killed process are waited for.
 */
export async function exchange(clickhouse: ClickHouseClient, replay: number): Promise<void> {
  const staging = stagingOf(clickhouse.database, replay);
  const ofThis = (text: string): string => ofReplay(text, clickhouse.database, replay);
  const prefix = `clickledger-exchange-${staging}-`;
  const command = (step: string, query: string, query_params: Record<string, unknown> = {}) =>
    clickhouse.command({ query, query_params, query_id: `${prefix}${step}-${randomUUID()}` });
  const months = await rowsOf(clickhouse, replayedMonth, ofThis(SQL.months));
  const staged = await stagedTables(clickhouse, replay);
  async function replace(table: string, source: string): Promise<void> {
    const query = ofThis(SQL.exchange).replace('{table}', table).replace('{source}', source);
    for (const { month } of months) await command(table, query, { month });
  }
  for (const table of ANNOTATED) {
    if (!staged.has(table)) continue;
    await command('annotate', ofThis(SQL.annotate).replace('{source}', table));
  }
  for (const table of STAGED) {
    if (!staged.has(table)) continue;
    await replace(table, table);
    await command('drop', `DROP TABLE ${staging}.${table} SYNC`);
  }
  const clicks = ['clicks', DECIDED].find((name) => staged.has(name));
  if (clicks !== undefined) {
    await replace('clicks', clicks);
    await command('end', `RENAME TABLE ${staging}.${clicks} TO ${staging}.${EXCHANGED}`);
  }
  await waitUntil('statements of an exchange to end', async () => {
    const [running] = await rowsOf(clickhouse, underWay, SQL.underWay, { prefix });
    return running?.statements ? `${running.statements} under way` : null;
  });
}
