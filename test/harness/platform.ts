import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import './env.ts';

const BIN = fileURLToPath(new URL('../../cli/clickledger.mjs', import.meta.url));
const START_LIMIT_MS = 180_000;
const STOP_LIMIT_MS = 30_000;

/** Settings of the engines that CI or a developer may bring along instead of the embedded ones. */
const GIVEN = ['KAFKA_BROKERS', 'CLICKHOUSE_URL', 'HIVE_URL', 'ELASTICSEARCH_URL'];

/** Runs the whole platform once for all engine tests, in a folder and on ports of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'clickledger-test-'));
  const [kafka, clickhouse, elasticsearch, hive, api] = await freePorts(5);
  const env: Record<string, string> = {
    DATA_DIR: dataDir,
    KAFKA_PORT: String(kafka),
    CLICKHOUSE_PORT: String(clickhouse),
    ELASTICSEARCH_PORT: String(elasticsearch),
    HIVE_PORT: String(hive),
    API_PORT: String(api),
    DEMO_TRAFFIC: 'off',
    ALLOWED_LATENESS: '2s',
    // Only the catch-up at start: tests ask for their runs themselves.
    NIGHTLY_CRON: '0 0 1 1 *',
    HOST_ID: 'test-host',
  };
  for (const name of GIVEN) if (process.env[name]) env[name] = process.env[name];
  const platform = spawn(process.execPath, [BIN, 'up'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  platform.stdout?.on('data', (chunk) => output.push(String(chunk)));
  platform.stderr?.on('data', (chunk) => output.push(String(chunk)));
  try {
    await ready(platform, output);
  } catch (error) {
    platform.kill('SIGKILL');
    throw error;
  }
  project.provide('env', env);

  return async () => {
    const startedAt = Date.now();
    const ended = new Promise<void>((resolve) => platform.once('exit', () => resolve()));
    if (platform.exitCode !== null) throw new Error(`the platform ended by itself:\n${output.join('').slice(-4_000)}`);
    platform.kill('SIGTERM');
    const limit = setTimeout(() => platform.kill('SIGKILL'), STOP_LIMIT_MS);
    await ended;
    clearTimeout(limit);
    const left = processesNaming(dataDir);
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
    if (process.env.KEEP_TEST_DATA) process.stdout.write(`kept ${dataDir}\n`);
    else rmSync(dataDir, { recursive: true, force: true });
    const seconds = (Date.now() - startedAt) / 1000;
    if (left.length > 0)
      throw new Error(`processes were left behind: ${left.map(({ command }) => command).join('; ')}`);
    if (seconds > STOP_LIMIT_MS / 1000) throw new Error(`the platform took ${seconds} s to stop`);
  };
}

function ready(platform: ChildProcess, output: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`${why}:\n${output.join('').slice(-8_000)}`));
    const limit = setTimeout(() => fail(`the platform was not ready in ${START_LIMIT_MS / 1000} s`), START_LIMIT_MS);
    platform.once('exit', (code) => {
      clearTimeout(limit);
      fail(`the platform ended with ${code} before it was ready`);
    });
    platform.stdout?.on('data', () => {
      if (!/^ready http/m.test(output.join(''))) return;
      clearTimeout(limit);
      resolve();
    });
  });
}

/** Ports that nobody listens on now; asked for together, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Processes whose command line or environment names the folder: everything that the platform started. */
function processesNaming(folder: string): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        const state = /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        const names = command.includes(folder) || environment.includes(`DATA_DIR=${folder}`);
        return names && state !== 'Z' ? [{ pid: Number(pid), command: command.slice(0, 200) }] : [];
      } catch {
        return [];
      }
    });
}
