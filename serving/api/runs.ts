import type { BatchRunFacts } from '../../domain/batch_run.ts';
import { sql } from '../../infra/sql.ts';
import { ask, type Stores } from './engines.ts';

const RUNS = sql('clickhouse/queries/api_runs.sql');
const LAST_RUN = sql('clickhouse/queries/api_last_run.sql');

const MAX_RUNS = 1_000;

type Run = { date: string } & BatchRunFacts;

/** The newest first. */
export const readRuns = (stores: Stores, date: string | undefined, signal: AbortSignal): Promise<Run[]> =>
  ask<Run>(stores, RUNS, { dates: date === undefined ? [] : [date], limit: MAX_RUNS }, signal);

export async function readLastRun(stores: Stores, signal: AbortSignal): Promise<Run | null> {
  const [run] = await ask<Run>(stores, LAST_RUN, {}, signal);
  return run ?? null;
}
