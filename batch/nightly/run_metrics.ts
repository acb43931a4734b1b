import { Gauge, Histogram, type Registry } from 'prom-client';
import type { RunWatch } from '../run/engines.ts';

const BUCKETS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400];
const CAUSES = ['late', 'copies', 'redriven', 'collision', 'unattributed', 'lost', 'surplus'] as const;

/** How long the steps of runs take, and by what the last one differed from real time. */
export function watchRuns(metrics: Registry): RunWatch {
  const registers = [metrics];
  const seconds = new Histogram({
    name: 'clickledger_run_step_seconds',
    help: 'Time that a step of a run took',
    labelNames: ['step'],
    buckets: BUCKETS,
    registers,
  });
  const differences = new Gauge({
    name: 'clickledger_reconciliation_events',
    help: 'Events by which the run that was reconciled last differs from real time, by cause; late: they arrived after its cut',
    labelNames: ['cause'],
    registers,
  });
  return {
    step: (step, tookMs) => seconds.observe({ step }, tookMs / 1_000),
    reconciled(report) {
      for (const cause of CAUSES) differences.set({ cause }, report[cause]);
    },
  };
}
