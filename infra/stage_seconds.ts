import { Histogram, type Registry } from 'prom-client';

type StageName = 'counted' | 'archived' | 'indexed';

const BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];

/**
 * How long messages take from their append in Kafka until a stage has them for good: once for each block, range or batch,
 * from the append of its last message. Returns what notes one.
 * @param nowMs the broker's time, by which messages are appended
 */
export function stageSeconds(metrics: Registry, stage: StageName, nowMs: () => number): (appendedMs: number) => void {
  const seconds = new Histogram({
    name: 'clickledger_stage_seconds',
    help: 'Time from the append of the last message of a block until the stage has it for good',
    labelNames: ['stage'],
    buckets: BUCKETS,
    registers: [metrics],
  });
  return (appendedMs) => seconds.observe({ stage }, Math.max(0, nowMs() - appendedMs) / 1_000);
}
