import type { Reconciliation } from '../../domain/reconciliation.ts';
import { isRunGone } from '../../domain/retention.ts';
import { readMinutesGone } from '../../infra/minutes_gone.ts';
import type { BatchEngines } from '../run/engines.ts';
import { RefusedError } from '../run/failure.ts';
import { type BatchRun, batchRuns } from '../run/ledger.ts';
import { reconcile } from './reconcile.ts';

/** The run to recheck: the last blocked one if nothing was counted since, else the current one. */
export function runInQuestion(runs: BatchRun[]): BatchRun | null {
  const last = runs.filter(({ state }) => state !== 'previewed').at(-1);
  if (last?.state === 'blocked') return last;
  return runs.find(({ state }) => state === 'published') ?? null;
}

/** Reconciles again, with the current real-time counts; changes nothing. Null if the day has no run. */
export async function recheck(engines: BatchEngines, day: string): Promise<Reconciliation | null> {
  const run = runInQuestion(await batchRuns(engines.clickhouse, day));
  if (run === null) return null;
  if (isRunGone(await readMinutesGone(engines.clickhouse), run)) {
    throw new RefusedError(
      `run ${run.run} of ${day} cannot be compared: its minutes are gone from ClickHouse (MINUTE_DAYS)`,
    );
  }
  const { clicks, copies_dropped, previous_run: previousRun } = run;
  return reconcile(
    engines,
    { ...run, archived: clicks + copies_dropped, previousRun, rules: [] },
    engines.reconcileLimit,
  );
}
