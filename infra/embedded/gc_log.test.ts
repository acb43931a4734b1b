import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import { GcLog, type Heap, heapAfter } from './gc_log.ts';
import { jvmMetrics } from './jvm_metrics.ts';

const MB = 2 ** 20;
const NOTHING: Heap = { usedBytes: null, maxBytes: null, pauseSeconds: 0 };

/** Lines as JDK 17 and 21 write them. */
test.each([
  ['G1', '[gc     ] GC(4) Pause Young (Concurrent Start) (G1 Evacuation Pause) 19M->12M(34M) 250.000ms', 12, 0.25],
  ['a whole collection', '[gc     ] GC(126) Pause Full (System.gc()) 30M->12M(47M) 500.000ms', 12, 0.5],
  ['Serial', '[gc     ] GC(0) Pause Young (Allocation Failure) 8M->2M(30M) 2.500ms', 2, 0.0025],
  ['marking again', '[gc     ] GC(5) Pause Remark 23M->20M(46M) 2.000ms', 20, 0.002],
])('a pause of %s has what is left and how long it took', (_, line, left, seconds) => {
  expect(heapAfter(NOTHING, line)).toEqual({ usedBytes: left * MB, maxBytes: null, pauseSeconds: seconds });
});

test.each(['[gc     ] GC(5) Concurrent Mark Cycle 14.072ms', '[gc] Using G1', '[gc,init] Memory: 24105M', ''])(
  'nothing stood still: %j',
  (line) => expect(heapAfter(NOTHING, line)).toEqual(NOTHING),
);

test('a log is read on from where it was read to, over a line that was half written, a full file and a new JVM', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gc-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'gc.log');
  const pause = (left: number): string =>
    `[gc     ] GC(1) Pause Young (Allocation Failure) 99M->${left}M(99M) 1000.000ms\n`;
  const log = new GcLog(path);
  expect(log.read()).toEqual(NOTHING);
  writeFileSync(path, `[gc,init] Heap Max Capacity: 2G\n${pause(5)}${pause(6).slice(0, 30)}`);
  expect(log.read()).toEqual({ usedBytes: 5 * MB, maxBytes: 2_048 * MB, pauseSeconds: 1 });
  appendFileSync(path, pause(6).slice(30));
  expect(log.read()).toMatchObject({ usedBytes: 6 * MB, pauseSeconds: 2 });
  // Full: the JVM puts it aside, and goes on in a new one.
  appendFileSync(path, pause(7));
  renameSync(path, `${path}.0`);
  writeFileSync(path, pause(8));
  expect(log.read()).toMatchObject({ usedBytes: 8 * MB, pauseSeconds: 4 });
  expect(log.read()).toMatchObject({ usedBytes: 8 * MB, pauseSeconds: 4 });
  rmSync(path);
  expect(log.read()).toMatchObject({ pauseSeconds: 4 });
  writeFileSync(path, `[gc,init] Heap Max Capacity: 512M\n${pause(9)}`);
  expect(log.read()).toEqual({ usedBytes: 9 * MB, maxBytes: 512 * MB, pauseSeconds: 5 });
});

test('an engine has samples while it runs, and of what an earlier JVM has left there are none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gc-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const gcLog = join(folder, 'gc.log');
  writeFileSync(gcLog, '[gc     ] GC(0) Pause Young (Allocation Failure) 8M->2M(30M) 500.000ms\n');
  const row = { kind: 'engine', state: 'starting', restarts: 0, startedAt: null } as const;
  let pid: number | null = null;
  const metrics = new Registry();
  jvmMetrics(metrics, [{ name: 'kafka', gcLog }, { name: 'clickhouse' }], () => [
    { ...row, name: 'kafka', pid },
    { ...row, name: 'clickhouse', pid: 2 },
  ]);
  expect(await metrics.metrics()).not.toMatch(/^clickledger/m);
  pid = 1;
  const text = await metrics.metrics();
  expect(text.match(/^clickledger.*$/gm)).toEqual([
    'clickledger_jvm_heap_bytes{name="kafka",of="used"} 2097152',
    'clickledger_jvm_gc_seconds_total{name="kafka"} 0.5',
  ]);
});
