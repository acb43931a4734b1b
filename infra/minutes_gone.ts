import { z } from 'zod';
import { count, day } from '../domain/fields.ts';
import type { Gone } from '../domain/retention.ts';
import { iso } from '../domain/time.ts';
import { type ClickHouseClient, rowsOf } from './clients/clickhouse.ts';
import { sql } from './sql.ts';

const SQL = sql('clickhouse/queries/minutes_gone.sql');

const goneMinutes = z
  .object({ day, run: count, month: count, announced_ms: count })
  .transform(({ announced_ms: announcedMs, ...gone }) => ({ ...gone, announcedMs }));

/** Minutes that are on record as gone, or as going soon: no question may be answered from them. */
export const readMinutesGone = (clickhouse: ClickHouseClient): Promise<(Gone & { announcedMs: number })[]> =>
  rowsOf(clickhouse, goneMinutes, SQL);

export async function announceMinutesGone(clickhouse: ClickHouseClient, gone: Gone[], nowMs: number): Promise<void> {
  if (gone.length === 0) return;
  const values = gone.map(({ month, ...rest }) => ({ ...rest, arrival_month: month, announced_at: iso(nowMs) }));
  await clickhouse.insert({ table: 'minutes_gone', values, format: 'JSONEachRow' });
}
