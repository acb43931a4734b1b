import { Counter, Gauge, type Registry } from 'prom-client';
import type { ProcessRow } from '../supervisor/types.ts';
import type { EmbeddedEngine } from './engine.ts';
import { GcLog, type Heap } from './gc_log.ts';

/** Heap and collections of the embedded engines that note them; Elasticsearch is asked by the API. */
export function jvmMetrics(
  metrics: Registry,
  engines: readonly Pick<EmbeddedEngine, 'name' | 'gcLog'>[],
  rows: () => ProcessRow[],
): void {
  const logs = new Map<string, GcLog>();
  for (const { name, gcLog } of engines) if (gcLog !== undefined) logs.set(name, new GcLog(gcLog));
  /** The heaps of engines that run: before the first start of one there may be a log of an earlier JVM. */
  const heaps = (): (Heap & { name: string })[] =>
    rows().flatMap(({ name, pid }) => {
      const heap = pid === null ? undefined : logs.get(name)?.read();
      return heap === undefined ? [] : [{ name, ...heap }];
    });
  const registers = [metrics];
  new Gauge({
    name: 'clickledger_jvm_heap_bytes',
    help: 'Heap of Kafka or Hive under up: what its last collection has left, and the most there is',
    labelNames: ['name', 'of'],
    registers,
    collect() {
      this.reset();
      for (const { name, usedBytes, maxBytes } of heaps()) {
        if (usedBytes !== null) this.set({ name, of: 'used' }, usedBytes);
        if (maxBytes !== null) this.set({ name, of: 'max' }, maxBytes);
      }
    },
  });
  new Counter({
    name: 'clickledger_jvm_gc_seconds_total',
    help: 'Time that the JVM of Kafka or Hive under up has stood still for collecting garbage',
    labelNames: ['name'],
    registers,
    collect() {
      this.reset();
      for (const { name, pauseSeconds } of heaps()) this.inc({ name }, pauseSeconds);
    },
  });
}
