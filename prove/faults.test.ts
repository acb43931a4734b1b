import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeState } from '../infra/supervisor/state_file.ts';
import { withFailpoints } from './failpoints/orders.ts';
import { injectFaults } from './faults.ts';
import type { Schedule } from './schedule.ts';

let dataDir: string;
let child: ChildProcess;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'faults-'));
  withFailpoints(dataDir);
  child = spawn('sleep', ['60']);
  writeState(dataDir, [realtime()]);
});
const role = { kind: 'role' as const, state: 'ready' as const, restarts: 0, startedAt: null };
const realtime = () => ({ ...role, name: 'realtime', pid: child.pid ?? null });
afterEach(() => {
  child.kill('SIGKILL');
  rmSync(dataDir, { recursive: true });
});

const inject = (schedule: Partial<Schedule>, patienceMs = 1_000) =>
  injectFaults(
    { random: [], atFailpoints: [], ...schedule },
    { dataDir, rebuildPid: () => undefined, report: () => {} },
    { afterLastMs: 2_000, roleMs: patienceMs, runMs: patienceMs },
  );
const AIM = [{ atMs: 0, target: 'realtime' as const, point: 'after the insert' }];

test('a kill that happens is counted, and nothing is missed', { timeout: 30_000 }, async () => {
  const { kills, missed } = await inject({ random: [{ atMs: 0, target: 'realtime', kind: 'kill' }] });
  expect([kills, missed]).toEqual([{ realtime: 1 }, []]);
  expect(child.signalCode ?? (await new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal))))).toBe(
    'SIGKILL',
  );
});

test('what was to be killed and never was is missed', { timeout: 30_000 }, async () => {
  const { missed } = await inject({ random: [{ atMs: 0, target: 'kafka', kind: 'kill' }] });
  expect(missed).toEqual(['kafka was never killed']);
});

test('a failpoint that a running process does not reach is missed', { timeout: 30_000 }, async () => {
  const { missed } = await inject({ atFailpoints: AIM });
  expect(missed).toEqual([
    expect.stringMatching(/^realtime ran for \d+ s without reaching "after the insert"$/),
    'realtime was never killed',
  ]);
});

test('one that it has not had the time to reach is not', { timeout: 30_000 }, async () => {
  const { missed } = await inject(
    { atFailpoints: AIM, random: [{ atMs: 0, target: 'realtime', kind: 'kill' }] },
    60_000,
  );
  expect(missed).toEqual([]);
});

test('nor one of a role whose work comes from a process that is away', { timeout: 30_000 }, async () => {
  writeState(dataDir, [realtime(), { ...role, name: 'clickhouse', state: 'starting', pid: null }]);
  const { missed } = await inject({ atFailpoints: AIM });
  expect(missed).toEqual(['realtime was never killed']);
});
