import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { superviseMetrics } from './metrics.ts';

test('the figures of a process are there when they are first asked for', async () => {
  const metrics = new Registry();
  const running = { kind: 'role', pid: process.pid, state: 'ready', restarts: 2, startedAt: null } as const;
  superviseMetrics(metrics, () => [{ name: 'realtime', ...running }]);
  const shown = await metrics.metrics();
  expect(shown).toContain('clickledger_process_ready{name="realtime"} 1');
  expect(shown).toContain('clickledger_process_restarts_total{name="realtime"} 2');
  expect(shown).toMatch(/^clickledger_process_cpu_seconds_total\{name="realtime"} \d*\.?\d*[1-9]/m);
  expect(shown).toMatch(/^clickledger_process_memory_bytes\{name="realtime"} [1-9]\d+/m);
});
