import type { PublishedRun } from '../../domain/receipt.ts';
import { dayOf } from '../../domain/time.ts';
import { sql } from '../../infra/sql.ts';
import { ask, type Stores } from './engines.ts';

const PUBLISHED_RUNS = sql('clickhouse/queries/api_published_runs.sql');

/** ClickHouse's Date begins in 1970 and ends in 2149; no click is on either side. */
const LAST_MS = Date.UTC(2149, 0, 1);
const day = (ms: number): string => dayOf(Math.max(0, Math.min(LAST_MS, ms)));

interface Row {
  date: string;
  run: number;
  first_run: number;
  cut: Record<string, number>;
}

/** The published days of a range. Asked once for a question: all its parts go by the same answer. */
export async function readPublished(
  stores: Stores,
  { fromMs, toMs }: { fromMs: number; toMs: number },
  signal: AbortSignal,
): Promise<Map<string, PublishedRun>> {
  const params = { from_day: day(fromMs), to_day: day(toMs - 1) };
  const rows = await ask<Row>(stores, PUBLISHED_RUNS, params, signal);
  return new Map(rows.map(({ date, run, first_run, cut }) => [date, { date, run, firstRun: first_run, cut }]));
}
