import { Argument, Command } from 'commander';
import { afterRestore } from '../infra/after_restore.ts';
import { closeDataDir } from '../infra/data_dir/close.ts';
import { readPlatformConfig } from '../infra/platform_config.ts';
import { withPreflight } from '../infra/preflight/preflight.ts';
import { requireKnownFormat } from '../infra/register/formats.ts';
import { openRegister } from '../infra/register/open.ts';
import { ROLES, type RoleName, runRole, type StartRole } from '../infra/role.ts';

/**
 * Loaded on demand: a role's process loads no code of the others. Logs and rejected lines are the log monitor's: what
 * others do with them is handed to them here. The nightly role, of which there is one, looks at conservation.
 */
const LOADERS: Record<RoleName, () => Promise<StartRole>> = {
  ingest: async () => (await import('../ingest/main.ts')).startIngest,
  realtime: async () => (await import('../realtime/sink/main.ts')).startRealtime,
  publisher: async () => (await import('../realtime/publisher/main.ts')).startPublisher,
  archive: async () => (await import('../batch/archive/main.ts')).startArchive,
  nightly: async () => {
    const [{ nightlyRole }, { withConservation }, { rejectedLines, rejectReason }] = await Promise.all([
      import('../batch/nightly/main.ts'),
      import('../audit/conservation_metric.ts'),
      import('../ingest/redrive/rejected_lines.ts'),
    ]);
    const role = nightlyRole(({ config, log }) => {
      const lines = rejectedLines(config, log);
      return async (reason, report) => lines.redrive(rejectReason(reason), report);
    });
    return withConservation(role);
  },
  indexer: async () => (await import('../serving/indexer/main.ts')).startIndexer,
  api: async () => {
    const [{ apiRole }, { logFileOf }, { rejectedLines }] = await Promise.all([
      import('../serving/api/main.ts'),
      import('../ingest/checkpoint.ts'),
      import('../ingest/redrive/rejected_lines.ts'),
    ]);
    return apiRole(({ config, log }) => {
      return { rejectedLines: rejectedLines(config, log), logFileOf: logFileOf(config.dataDir) };
    });
  },
};

export const runCommand = (): Command =>
  new Command('run').addArgument(new Argument('<role>', 'which one').choices(ROLES)).action(async (role: RoleName) => {
    const config = await readPlatformConfig(process.env);
    if (process.env.CLICKLEDGER_SUPERVISED !== '1') closeDataDir(config);
    await requireKnownFormat(openRegister(config));
    await runRole(role, config, withPreflight(role, afterRestore(role, await LOADERS[role]())));
  });
