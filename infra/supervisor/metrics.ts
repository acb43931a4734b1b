import { Counter, Gauge, type Registry } from 'prom-client';
import { figuresOf } from './process_figures.ts';
import type { ProcessRow } from './types.ts';

/** Whether each process is ready, how often it was started again, and what it uses. */
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
  const figures = () =>
    rows().flatMap(({ name, pid }) => {
      const ofProcess = pid === null ? null : figuresOf(pid);
      return ofProcess === null ? [] : [{ name, ...ofProcess }];
    });
  new Counter({
    name: 'clickledger_process_cpu_seconds_total',
    help: 'processor time of a role or engine, with the processes that it has started',
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const { name, cpuSeconds } of figures()) this.inc({ name }, cpuSeconds);
    },
  });
  new Gauge({
    name: 'clickledger_process_memory_bytes',
    help: 'resident memory of a role or engine, with the processes that it has started',
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const { name, residentBytes } of figures()) this.set({ name }, residentBytes);
    },
  });
}
