import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../infra/config.ts';
import { readPlatformState } from '../infra/supervisor/state_file.ts';

const POLL_MS = 250;

/**
 * Resolves when the platform's own Hive has started, which it does after everything else, and reports once on standard
 * error that it waits. Returns at once if no platform runs on this DATA_DIR, or Hive is external.
 */
export async function untilHiveStarted({ dataDir }: Pick<Config, 'dataDir'>): Promise<void> {
  for (let isFirst = true; isStarting(dataDir); isFirst = false) {
    if (isFirst) process.stderr.write('clickledger: Hive is starting; waiting for it\n');
    await delay(POLL_MS);
  }
}

const isStarting = (dataDir: string): boolean =>
  readPlatformState(dataDir)?.processes.some(({ name, state }) => name === 'hive' && state === 'starting') ?? false;
