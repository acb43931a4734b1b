import type { BatchRunFacts } from '../../../domain/batch_run.ts';
import { sql } from '../../../infra/sql.ts';
import { queryClickHouse, type Stores } from '../stores/engines.ts';

const RUNS = sql('clickhouse/queries/api_runs.sql');
const LAST_RUN = sql('clickhouse/queries/api_last_run.sql');

const MAX_RUNS = 1_000;

type Run = { date: string } & BatchRunFacts;

/** Newest first. */
export function readRuns(
  stores: Stores,
  { date, request }: { date?: string | undefined; request?: string | undefined },
  signal: AbortSignal,
): Promise<Run[]> {
  const list = (value: string | undefined): string[] => (value === undefined ? [] : [value]);
  return queryClickHouse<Run>(stores, RUNS, { dates: list(date), requests: list(request), limit: MAX_RUNS }, signal);
}

export async function readLastRun(stores: Stores, signal: AbortSignal): Promise<Run | null> {
  const [run] = await queryClickHouse<Run>(stores, LAST_RUN, {}, signal);
  return run ?? null;
}
