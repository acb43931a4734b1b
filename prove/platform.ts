import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../infra/supervisor/ports.ts';

export const BIN = fileURLToPath(new URL('../cli/clickledger.mjs', import.meta.url));
const START_LIMIT_MS = 240_000;
const STOP_LIMIT_MS = 30_000;

/** A separate platform: `clickledger up` in its own folder and on free ports. */
export interface Platform {
  /** Settings for connecting to it. */
  env: Record<string, string>;
  /** Stops it, and returns how long that took and which of its processes were left (they are killed then). */
  stop(): Promise<{ seconds: number; left: string[] }>;
}

/** Settings of a platform in a folder and on free ports. */
export async function platformEnv(dataDir: string, settings: Record<string, string>): Promise<Record<string, string>> {
  const [kafka, clickhouse, elasticsearch, hive, api] = await freePorts(5);
  return {
    DATA_DIR: dataDir,
    KAFKA_PORT: String(kafka),
    CLICKHOUSE_PORT: String(clickhouse),
    ELASTICSEARCH_PORT: String(elasticsearch),
    HIVE_PORT: String(hive),
    API_PORT: String(api),
    DEMO_TRAFFIC: 'off',
    ...settings,
  };
}

interface Program {
  launcher: string;
  readyLine: RegExp;
}

/**
 * Rejects, with the end of its output, if it does not become ready.
 * @param release another program than that of these sources: its launcher, and the line that it prints when all is ready
 */
export async function startPlatform(
  env: Record<string, string>,
  release: Program = { launcher: BIN, readyLine: /^all ready/m },
): Promise<Platform> {
  const child = spawn(process.execPath, [release.launcher, 'up'], {
    // It stops when this process ends, even if killed.
    env: { ...process.env, ...env, CLICKLEDGER_SUPERVISED: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = `${output}${chunk}`.slice(-8_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  try {
    await untilReady(child, release.readyLine, () => output);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return { env, stop: () => stop(child, env.DATA_DIR ?? '', () => output) };
}

function untilReady(child: ChildProcess, readyLine: RegExp, output: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`${why}:\n${output()}`));
    const limit = setTimeout(() => fail(`the platform was not ready in ${START_LIMIT_MS / 1000} s`), START_LIMIT_MS);
    child.once('exit', (code) => {
      clearTimeout(limit);
      fail(`the platform ended with ${code} before it was ready`);
    });
    child.stdout?.on('data', () => {
      if (!readyLine.test(output())) return;
      clearTimeout(limit);
      resolve();
    });
  });
}

async function stop(child: ChildProcess, dataDir: string, output: () => string) {
  if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it had ended by itself:\n${output()}`);
  const startedAt = performance.now();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(limit);
  const left = processesNaming(dataDir);
  for (const { pid } of left) process.kill(pid, 'SIGKILL');
  return { seconds: (performance.now() - startedAt) / 1000, left: left.map(({ command }) => command) };
}

/** Processes whose command line or environment contains the folder: everything that the platform started. */
function processesNaming(folder: string): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        const state = /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        const names = command.includes(folder) || environment.includes(folder);
        return names && state !== 'Z' ? [{ pid: Number(pid), command: command.slice(0, 200) }] : [];
      } catch {
        return [];
      }
    });
}
