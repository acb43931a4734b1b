import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startPlatform } from '../../cli/prove/platform.ts';
import { armed } from '../../cli/prove/points/orders.ts';
import type { TestPlatform } from './env.ts';
import { GIVEN_ENGINES } from './given.ts';
import { configureHiveForS3, portForLater } from './s3.ts';

/** Starts a platform for each file that will run at a time. Engines that were given there is one of. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = GIVEN_ENGINES.flatMap((name) => (process.env[name] ? [[name, process.env[name]] as const] : []));
  const files = project.vitest.state.getPaths().filter((path) => path.endsWith('.engines.test.ts')).length;
  const count = Math.max(1, Math.min(project.config.maxWorkers, files));
  const started = await Promise.allSettled(Array.from({ length: count }, () => start(Object.fromEntries(given))));
  const running = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const stop = async (): Promise<void> => {
    for (const outcome of await Promise.allSettled(running.map((each) => each.stop()))) {
      if (outcome.status === 'rejected') throw outcome.reason;
    }
  };
  const failed = started.find((each) => each.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  project.provide(
    'platforms',
    running.map(({ env, s3Port }) => ({ env, s3Port })),
  );
  return stop;
}

async function start(given: Record<string, string>): Promise<TestPlatform & { stop(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'clickledger-test-'));
  const s3Port = await portForLater();
  configureHiveForS3(dataDir, s3Port);
  const platform = await startPlatform(dataDir, {
    ALLOWED_LATENESS: '2s',
    // Only the catch-up at start: tests ask for their runs themselves.
    NIGHTLY_CRON: '0 0 1 1 *',
    HOST_ID: 'test-host',
    ...armed(dataDir),
    ...given,
  });
  return {
    env: platform.env,
    s3Port,
    async stop() {
      const { seconds, left } = await platform.stop();
      if (process.env.KEEP_TEST_DATA) process.stdout.write(`kept ${dataDir}\n`);
      else rmSync(dataDir, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`processes were left behind: ${left.join('; ')}`);
      if (seconds > 30) throw new Error(`the platform took ${seconds} s to stop`);
    },
  };
}
