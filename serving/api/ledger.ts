import type { PublishedRun } from '../../domain/receipt.ts';
import { dayOf } from '../../domain/time.ts';
import { sql } from '../../infra/sql.ts';
import type { PublishedEvent } from '../planner/as_of.ts';
import type { Range } from '../planner/ranges.ts';
import { ask, type Stores } from './engines.ts';

const PUBLISHED_RUNS = sql('clickhouse/queries/api_published_runs.sql');
const PUBLISHED_EVENTS = sql('clickhouse/queries/api_published_events.sql');

/** ClickHouse's Date begins in 1970 and ends in 2149; no click is on either side. */
const LAST_MS = Date.UTC(2149, 0, 1);
const day = (ms: number): string => dayOf(Math.max(0, Math.min(LAST_MS, ms)));

export const daysOf = ({ fromMs, toMs }: Range) => ({ from_day: day(fromMs), to_day: day(toMs - 1) });

interface Row {
  date: string;
  run: number;
  first_run: number;
  cut: Record<string, number>;
}

/** The published days of a range. Asked once for a question: all its parts go by the same answer. */
export async function readPublished(
  stores: Stores,
  { fromMs, toMs }: Range,
  signal: AbortSignal,
): Promise<Map<string, PublishedRun>> {
  const rows = await ask<Row>(stores, PUBLISHED_RUNS, daysOf({ fromMs, toMs }), signal);
  return new Map(rows.map(({ date, run, first_run, cut }) => [date, { date, run, firstRun: first_run, cut }]));
}

interface EventRow extends Omit<PublishedEvent, 'recordedMs'> {
  recorded_ms: number;
}

/** All that was ever published for the days of a range, or taken back. */
export async function readPublishedEvents(
  stores: Stores,
  range: Range,
  signal: AbortSignal,
): Promise<PublishedEvent[]> {
  const rows = await ask<EventRow>(stores, PUBLISHED_EVENTS, daysOf(range), signal);
  return rows.map(({ recorded_ms, ...event }) => ({ ...event, recordedMs: recorded_ms }));
}
