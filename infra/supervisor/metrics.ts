import { Counter, Gauge, type Registry } from 'prom-client';
import type { ProcessRow } from './types.ts';

/** Whether each process is ready, and how often it was started again. */
export function superviseMetrics(metrics: Registry, rows: () => ProcessRow[]): void {
  const labelNames = ['name'];
  const registers = [metrics];
  new Gauge({
    name: 'clickledger_process_ready',
    help: '1: the role or engine is ready; 0: it starts, restarts or was stopped',
    labelNames,
    registers,
    collect() {
      for (const { name, state } of rows()) this.set({ name }, state === 'ready' ? 1 : 0);
    },
  });
  new Counter({
    name: 'clickledger_process_restarts_total',
    help: 'how often a role or engine was started again because it had ended',
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const { name, restarts } of rows()) this.inc({ name }, restarts);
    },
  });
}
