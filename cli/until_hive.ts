import type { Config } from '../infra/config.ts';
import { readPlatformState } from '../infra/supervisor/state_file.ts';
import { waitUntil } from '../infra/wait.ts';

/**
 * Resolves when the platform's own Hive has started, which it does after everything else, and says once on standard
 * error that it is waited for. Returns at once when no platform runs on this DATA_DIR, or Hive is another one.
 */
export const untilHiveStarted = ({ dataDir }: Pick<Config, 'dataDir'>): Promise<void> =>
  waitUntil('waiting for Hive', async () => (isStarting(dataDir) ? 'it is starting' : null), {
    // The supervisor gives up a Hive that cannot start.
    stallMs: Number.POSITIVE_INFINITY,
    everyMs: 250,
    onProgress: (line) => void process.stderr.write(`clickledger: ${line}\n`),
  });

const isStarting = (dataDir: string): boolean =>
  readPlatformState(dataDir)?.processes.some(({ name, state }) => name === 'hive' && state === 'starting') ?? false;
