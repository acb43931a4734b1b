import { z } from 'zod';
import { count } from '../domain/fields.ts';
import { FEWEST_RAW_DAYS, rawKeptSinceMs } from '../domain/retention.ts';
import { iso, MINUTE_MS } from '../domain/time.ts';
import { type ClickHouseClient, rowsOf } from './clients/clickhouse.ts';
import { sql } from './sql.ts';

const SQL = sql('clickhouse/queries/raw_kept.sql');

/** Between the announcement of what will be dropped and the drop: by then every reader has read the announcement. */
export const ANNOUNCED_MS = 15 * MINUTE_MS;

const recordOfKept = z.object({ since_ms: count, droppable_before_ms: count });

interface RawKept {
  /** Since when all raw rows of a kind are kept, by arrival; null: there is no record yet. */
  sinceMs: number | null;
  /** Rows that arrived before may be dropped now. */
  droppableBeforeMs: number;
}

export async function readRawKept(clickhouse: ClickHouseClient, nowMs: number): Promise<RawKept> {
  const [row] = await rowsOf(clickhouse, recordOfKept, SQL, { announced_before_ms: nowMs - ANNOUNCED_MS });
  return { sinceMs: row?.since_ms || null, droppableBeforeMs: row?.droppable_before_ms ?? 0 };
}

export async function announceRawKept(clickhouse: ClickHouseClient, sinceMs: number, nowMs: number): Promise<void> {
  await clickhouse.insert({
    table: 'raw_kept',
    values: [{ since: iso(sinceMs), announced_at: iso(nowMs) }],
    format: 'JSONEachRow',
  });
}

/**
 * Since when all raw rows are kept. Before there was a record, operators were told that months may be dropped by the
 * default rule.
 */
export const rawSinceMs = ({ sinceMs }: Pick<RawKept, 'sinceMs'>, nowMs: number): number =>
  sinceMs ?? rawKeptSinceMs(nowMs);

export const readRawSinceMs = async (clickhouse: ClickHouseClient, nowMs: number): Promise<number> =>
  rawSinceMs(await readRawKept(clickhouse, nowMs), nowMs);

/** The same while the record cannot be read: later rows are kept under any setting. */
export const surelyKeptSinceMs = (nowMs: number): number => rawKeptSinceMs(nowMs, FEWEST_RAW_DAYS);
