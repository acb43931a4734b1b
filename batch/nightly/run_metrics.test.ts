import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { Reconciliation } from '../../domain/reconciliation.ts';
import { watchRuns } from './run_metrics.ts';

test('steps have their durations, and differences their causes, those of the last run alone', async () => {
  const metrics = new Registry();
  const watch = watchRuns(metrics);
  watch.step('counted', 4_000);
  watch.step('counted', 20_000);
  const of = { late: 3, copies: 2, redriven: 0, collision: 0, unattributed: 0, lost: 1, surplus: 0 };
  watch.reconciled(of as Reconciliation);
  watch.reconciled({ ...of, late: 0 } as Reconciliation);
  const text = await metrics.metrics();
  expect(text).toContain('clickledger_run_step_seconds_bucket{le="5",step="counted"} 1');
  expect(text).toContain('clickledger_run_step_seconds_sum{step="counted"} 24');
  const causes = [...text.matchAll(/^clickledger_reconciliation_events{cause="(\w+)"} (\d+)$/gm)];
  expect(causes.map(([, cause, events]) => [cause, Number(events)])).toEqual(Object.entries({ ...of, late: 0 }));
});
