import { z } from 'zod';
import { batchRunFacts } from '../../../domain/batch_run.ts';
import { day } from '../../../domain/fields.ts';
import { sql } from '../../../infra/sql.ts';
import { queryRowsOf, type Stores } from '../stores/engines.ts';

const RUNS = sql('clickhouse/queries/api_runs.sql');
const LAST_RUN = sql('clickhouse/queries/api_last_run.sql');

const MAX_RUNS = 1_000;

const run = z.object({ date: day, ...batchRunFacts.shape });
type Run = z.infer<typeof run>;

/** Newest first. */
export function readRuns(
  stores: Pick<Stores, 'clickhouse'>,
  { date, request }: { date?: string | undefined; request?: string | undefined },
  signal: AbortSignal,
): Promise<Run[]> {
  const list = (value: string | undefined): string[] => (value === undefined ? [] : [value]);
  return queryRowsOf(stores, run, RUNS, { dates: list(date), requests: list(request), limit: MAX_RUNS }, signal);
}

export async function readLastRun(stores: Stores, signal: AbortSignal): Promise<Run | null> {
  const [last] = await queryRowsOf(stores, run, LAST_RUN, {}, signal);
  return last ?? null;
}
