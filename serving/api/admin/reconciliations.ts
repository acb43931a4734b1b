import { type Reconciliation, reconciliation } from '../../../domain/reconciliation.ts';
import { sql } from '../../../infra/sql.ts';
import { Problem } from '../contract/problem.ts';
import { queryRowsOf, type Stores } from '../stores/engines.ts';

const RECONCILIATION = sql('clickhouse/queries/api_reconciliation.sql');

/** The report that decided whether a day's newest run was accepted or blocked. Throws a Problem if there is none. */
export async function readReconciliation(stores: Stores, date: string, signal: AbortSignal): Promise<Reconciliation> {
  const [report] = await queryRowsOf(stores, reconciliation, RECONCILIATION, { date }, signal);
  if (report) return report;
  throw new Problem(404, 'not-found', 'No such resource', `no run of ${date} was reconciled yet`);
}
