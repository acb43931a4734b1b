import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startPlatform } from '../../cli/prove/platform.ts';
import { armed } from '../../cli/prove/points/orders.ts';
import './env.ts';
import { configureHiveForS3, portForLater } from './s3.ts';

/** Settings of the engines that CI or a developer may bring along instead of the embedded ones. */
const GIVEN = ['KAFKA_BROKERS', 'CLICKHOUSE_URL', 'HIVE_URL', 'ELASTICSEARCH_URL'];

/** Runs the whole platform once for all engine tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'clickledger-test-'));
  const given = GIVEN.flatMap((name) => (process.env[name] ? [[name, process.env[name]] as const] : []));
  const s3Port = await portForLater();
  configureHiveForS3(dataDir, s3Port);
  const platform = await startPlatform(dataDir, {
    ALLOWED_LATENESS: '2s',
    // Only the catch-up at start: tests ask for their runs themselves.
    NIGHTLY_CRON: '0 0 1 1 *',
    HOST_ID: 'test-host',
    ...armed(dataDir),
    ...Object.fromEntries(given),
  });
  project.provide('env', platform.env);
  project.provide('s3Port', s3Port);

  return async () => {
    const { seconds, left } = await platform.stop();
    if (process.env.KEEP_TEST_DATA) process.stdout.write(`kept ${dataDir}\n`);
    else rmSync(dataDir, { recursive: true, force: true });
    if (left.length > 0) throw new Error(`processes were left behind: ${left.join('; ')}`);
    if (seconds > 30) throw new Error(`the platform took ${seconds} s to stop`);
  };
}
