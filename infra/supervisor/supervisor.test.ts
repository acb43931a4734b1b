import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { freePort } from './ports.ts';
import { readPlatformState } from './state_file.ts';
import { Supervisor } from './supervisor.ts';
import { type ProcessDefinition, type ProcessEvent, StartError } from './types.ts';

const LIMIT = { timeout: 45_000 };

describe('supervisor', () => {
  let dataDir: string;
  let events: ProcessEvent[];
  let supervisors: Supervisor[];

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'supervisor-'));
    events = [];
    supervisors = [];
  });
  afterEach(async () => {
    await Promise.all(supervisors.map((supervisor) => supervisor.stop()));
    rmSync(dataDir, { recursive: true });
  });

  function supervisorOf(...definitions: ProcessDefinition[]): Supervisor {
    const supervisor = new Supervisor({ dataDir, onEvent: (event) => events.push(event) });
    for (const definition of definitions) supervisor.add(definition);
    supervisors.push(supervisor);
    return supervisor;
  }

  const shell = (name: string, script: string, more: Partial<ProcessDefinition> = {}): ProcessDefinition => ({
    name,
    kind: 'engine',
    command: () => ({ file: 'sh', args: ['-c', script], env: process.env, cwd: dataDir }),
    ...more,
  });
  const pidOf = (supervisor: Supervisor, name: string) => supervisor.rows().find((row) => row.name === name)?.pid ?? 0;
  const isGone = (pid: number): boolean => {
    try {
      return process.kill(pid, 0) && false;
    } catch {
      return true;
    }
  };

  test('restarts a killed process, and records that in its table', async () => {
    const supervisor = supervisorOf(shell('sleeper', 'exec sleep 60'));
    await supervisor.start();
    const before = pidOf(supervisor, 'sleeper');
    process.kill(before, 'SIGKILL');
    await vi.waitUntil(() => supervisor.rows()[0]?.restarts === 1 && supervisor.rows()[0]?.state === 'ready', LIMIT);
    expect(pidOf(supervisor, 'sleeper')).not.toBe(before);
    expect(readPlatformState(dataDir)?.processes).toEqual(supervisor.rows());
    expect(events).toContainEqual(expect.objectContaining({ state: 'restarting', reason: 'ended with SIGKILL' }));
  });

  test('stops roles before engines and leaves nothing, not even their children', async () => {
    const supervisor = supervisorOf(
      shell('engine', 'sleep 60 & echo $!; wait'),
      shell('role', 'exec sleep 60', { kind: 'role', dependsOn: ['engine'] }),
    );
    await supervisor.start();
    const log = join(dataDir, 'logs-engines', 'engine.log');
    const grandchild = await vi.waitUntil(() => Number(readFileSync(log, 'utf8')), LIMIT);
    await supervisor.stop();
    expect(events.filter((event) => event.state === 'stopped').map((event) => event.name)).toEqual(['role', 'engine']);
    expect(isGone(grandchild)).toBe(true);
  });

  test('a role starts only when its engine is ready', async () => {
    let engineReady = false;
    const supervisor = supervisorOf(
      shell('engine', 'exec sleep 60', { ready: async () => engineReady }),
      shell('role', 'exec sleep 60', { kind: 'role', dependsOn: ['engine'] }),
    );
    const started = supervisor.start();
    await vi.waitUntil(() => events.some((event) => event.name === 'engine'), LIMIT);
    expect(supervisor.rows().find((row) => row.name === 'role')?.startedAt).toBeNull();
    engineReady = true;
    await started;
    expect(events.map((event) => `${event.name} ${event.state}`)).toEqual([
      'engine starting',
      'engine ready',
      'role starting',
      'role ready',
    ]);
  });

  test('what starts after another waits for it the first time only', async () => {
    let otherReady = false;
    const supervisor = supervisorOf(
      shell('other', 'exec sleep 60', { ready: async () => otherReady }),
      shell('late', 'exec sleep 60', { startsAfter: ['other'] }),
    );
    const started = supervisor.start();
    await vi.waitUntil(() => events.some((event) => event.name === 'other'), LIMIT);
    expect(supervisor.rows().find((row) => row.name === 'late')?.startedAt).toBeNull();
    otherReady = true;
    await started;
    otherReady = false;
    process.kill(pidOf(supervisor, 'other'), 'SIGKILL');
    process.kill(pidOf(supervisor, 'late'), 'SIGKILL');
    await vi.waitUntil(
      () =>
        supervisor.rows().some(({ name, state, restarts }) => name === 'late' && state === 'ready' && restarts === 1),
      LIMIT,
    );
    expect(supervisor.rows().find((row) => row.name === 'other')?.state).not.toBe('ready');
  });

  test('a start does not wait for processes that may come later', async () => {
    let lateReady = false;
    const supervisor = supervisorOf(
      shell('engine', 'exec sleep 60'),
      shell('late', 'exec sleep 60', { ready: async () => lateReady }),
    );
    await supervisor.start(['late']);
    expect(events.some(({ name, state }) => name === 'late' && state === 'ready')).toBe(false);
    lateReady = true;
    await supervisor.untilReady();
    expect(events.at(-1)).toMatchObject({ name: 'late', state: 'ready' });
  });

  test('a probe that finds a fault which needs manual action ends the start, with its reason', async () => {
    const ready = () => Promise.reject(new StartError('migration 0002 was changed'));
    const supervisor = supervisorOf(shell('clickhouse', 'exec sleep 60', { ready }));
    await expect(supervisor.start()).rejects.toThrow('clickhouse did not start: migration 0002 was changed');
    expect(supervisor.rows()[0]?.restarts).toBe(0);
  });

  test('a stop while a role waits for its engine ends', async () => {
    const supervisor = supervisorOf(
      shell('engine', 'exec sleep 60', { ready: async () => false }),
      shell('role', 'exec sleep 60', { kind: 'role', dependsOn: ['engine'] }),
    );
    const started = supervisor.start();
    started.catch(() => {});
    await vi.waitUntil(() => events.length > 0, LIMIT);
    await supervisor.stop();
    await expect(started).rejects.toThrow(StartError);
  });

  test('the end of its standard input tells a process to stop', async () => {
    const command = () => ({
      file: 'sh',
      args: ['-c', 'trap "" TERM; echo deaf; cat; echo end of input'],
      env: process.env,
      cwd: dataDir,
      stdin: 'pipe' as const,
    });
    const supervisor = supervisorOf(shell('role', '', { kind: 'role', command }));
    await supervisor.start();
    const log = join(dataDir, 'logs-roles', 'role.log');
    await vi.waitUntil(() => readFileSync(log, 'utf8') === 'deaf\n', LIMIT);
    await supervisor.stop();
    expect(readFileSync(log, 'utf8')).toBe('deaf\nend of input\n');
  });

  test('a port in use is refused before anything starts, naming its setting', async () => {
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    const supervisor = supervisorOf(shell('kafka', 'exec sleep 60', { ports: [{ setting: 'KAFKA_PORT', port }] }));
    await expect(supervisor.start()).rejects.toThrow(new StartError(`KAFKA_PORT: 127.0.0.1:${port} is already in use`));
    expect(events).toEqual([]);
    other.close();
  });

  test('a second one on the same folder is refused and leaves the table of the first alone', async () => {
    const first = supervisorOf(shell('sleeper', 'exec sleep 60'));
    await first.start();
    const second = supervisorOf(shell('sleeper', 'exec sleep 60'));
    await expect(second.start()).rejects.toThrow(
      `DATA_DIR: ${dataDir} is in use by another clickledger (process ${process.pid})`,
    );
    await second.stop();
    expect(readPlatformState(dataDir)?.processes).toEqual(first.rows());
  });

  test('a process that cannot start is given up, with the reason and the path of its log', async () => {
    const prepare = () => Promise.reject(new StartError('no such user'));
    const supervisor = supervisorOf(shell('hive', 'exec sleep 60', { prepare }));
    await expect(supervisor.start()).rejects.toThrow(
      `hive did not start: no such user; see ${join(dataDir, 'logs-engines', 'hive.log')}`,
    );
  });
});
