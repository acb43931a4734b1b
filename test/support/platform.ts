import { chmodSync, existsSync, mkdtempSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { writeJsonAtomically } from '../../infra/files.ts';
import { freePort } from '../../infra/supervisor/ports.ts';
import { withFailpoints } from '../../prove/failpoints/orders.ts';
import { type Platform, platformEnv, startPlatform } from '../../prove/platform.ts';
import { BRIEF_JVMS } from './brief_jvms.ts';
import './env.ts';
import { APART_LANE } from './lanes.ts';
import { configureHive } from './s3.ts';
import { askedFile, isSecondDone, startedFile } from './started.ts';

/** Settings of external engines, and the register that knows them, instead of the embedded ones. */
const GIVEN = ['KAFKA_BROKERS', 'CLICKHOUSE_URL', 'HIVE_URL', 'ELASTICSEARCH_URL', 'REGISTER_URL'];

interface Shared {
  env: Record<string, string>;
  secondEnv: Record<string, string>;
  s3Port: number;
  start(): void;
  stop(): Promise<void>;
}

/** The projects of a run each load this file separately, in one process. */
const here = globalThis as { clickledgerTestPlatform?: Promise<Shared> };

/**
 * Runs the whole platform once for all engine tests. It starts while unit tests run: each file of engine tests first
 * waits for it (started.ts). A second one starts when a test asks for it, and stops after the last that
 * needs it: it would take its share of the processors.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  here.clickledgerTestPlatform ??= prepare();
  const { env, secondEnv, s3Port, start, stop } = await here.clickledgerTestPlatform;
  project.provide('env', env);
  project.provide('secondEnv', secondEnv);
  project.provide('s3Port', s3Port);
  project.provide('lane', project.name);
  if (project.name !== APART_LANE) start();
  return stop;
}

const SETTINGS = {
  ALLOWED_LATENESS: '2s',
  // Only the catch-up at start: tests request their runs themselves.
  NIGHTLY_CRON: '0 0 1 1 *',
  HOST_ID: 'test-host',
  CLICKLEDGER_TIMINGS: 'short',
  ...BRIEF_JVMS,
  // Must not reach any engine.
  SECRET_OF_THE_SUPERVISOR: 'canary',
};

async function prepare(): Promise<Shared> {
  const dataDir = newDataDir();
  const given = GIVEN.flatMap((name) => (process.env[name] ? [[name, process.env[name]] as const] : []));
  const s3Port = await freePort();
  configureHive(dataDir, s3Port);
  const env = await platformEnv(dataDir, {
    ...SETTINGS,
    // Other kinds are those of the second platform: here they would only take their share of two processors.
    EVENT_KINDS: 'click',
    ...withFailpoints(dataDir),
    ...Object.fromEntries(given),
  });
  const secondDir = newDataDir();
  const secondEnv = await platformEnv(secondDir, { ...SETTINGS, ...withFailpoints(secondDir) });

  let first: Promise<Platform | null> | undefined;
  let second: Promise<Platform | null> | undefined;
  let secondStopped: Promise<void> | undefined;
  let stopping: Promise<unknown> | undefined;
  const watching = watch(secondDir, () => {
    if (existsSync(askedFile(secondEnv))) second ??= startRecorded(secondEnv);
    if (!isSecondDone(secondEnv) || secondStopped) return;
    secondStopped = stop(second);
    // Reported at the end of the run.
    secondStopped.catch(() => {});
  });
  return {
    env,
    secondEnv,
    s3Port,
    start: () => {
      first ??= startRecorded(env);
    },
    async stop() {
      watching.close();
      secondStopped ??= stop(second);
      stopping ??= Promise.all([stop(first), secondStopped]).finally(() => [dataDir, secondDir].forEach(remove));
      await stopping;
    },
  };
}

function newDataDir(): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'clickledger-test-'));
  // As if a user had created the folder: the platform must close it itself.
  chmodSync(dataDir, 0o755);
  return dataDir;
}

const startRecorded = (env: Record<string, string>): Promise<Platform | null> =>
  startPlatform(env).then(
    (platform) => {
      recordStarted(env, null);
      return platform;
    },
    (error: Error) => {
      recordStarted(env, error.message);
      return null;
    },
  );

/** With the same permissions as the platform's files. */
function recordStarted(env: Record<string, string>, error: string | null): void {
  writeJsonAtomically(startedFile(env), { error });
  chmodSync(startedFile(env), 0o600);
}

function remove(dataDir: string): void {
  if (process.env.KEEP_TEST_DATA) process.stdout.write(`kept ${dataDir}\n`);
  else rmSync(dataDir, { recursive: true, force: true });
}

async function stop(starting: Promise<Platform | null> | undefined): Promise<void> {
  const platform = await starting;
  const { seconds, left } = (await platform?.stop()) ?? { seconds: 0, left: [] };
  if (left.length > 0) throw new Error(`processes were left behind: ${left.join('; ')}`);
  if (seconds > 30) throw new Error(`the platform took ${seconds} s to stop`);
}
