import type { Reconciliation } from '../../domain/reconciliation.ts';
import { keep, reconcile } from '../reconcile/reconcile.ts';
import type { BatchEngines } from '../run/engines.ts';
import type { eventsOf } from '../run/events.ts';
import { RunBlockedError } from '../run/failure.ts';
import type { Prepared } from '../run/prepared.ts';
import type { RunFile } from '../run/run_files.ts';

/** Reconciles a run and stores the report. Blocks it, and throws RunBlockedError, if too much is unexplained. */
export async function passGate(
  engines: BatchEngines,
  run: RunFile,
  prepared: Prepared,
  write: ReturnType<typeof eventsOf>,
): Promise<Reconciliation> {
  const { figures } = prepared;
  const report = await reconcilePrepared(engines, run, prepared);
  await keep(engines, report);
  const { difference, late, copies, redriven, collision, unexplained, verdict } = report;
  const facts = { day: run.day, run: run.run, difference, late, copies, redriven, collision, unexplained, verdict };
  engines.log.info(facts, 'reconciled');
  engines.watch?.reconciled(report);
  if (verdict !== 'blocked') return report;
  await write('blocked', { ...figures, verdict, unexplained, finished_at: Date.now() });
  throw new RunBlockedError(report);
}

export function reconcilePrepared(
  engines: BatchEngines,
  run: RunFile,
  { counted, figures, rules }: Prepared,
): Promise<Reconciliation> {
  const { clicks, previous_run: previousRun } = figures;
  return reconcile(engines, { ...run, clicks, archived: counted.archived, previousRun, rules }, engines.reconcileLimit);
}
