import { Argument, Command } from 'commander';
import { closeDataDir } from '../infra/data_dir/close.ts';
import { readPlatformConfig } from '../infra/platform_config.ts';
import { withPreflight } from '../infra/preflight/preflight.ts';
import { requireKnownFormat } from '../infra/register/formats.ts';
import { openRegister } from '../infra/register/open.ts';
import { ROLES, type RoleName, runRole, type StartRole } from '../infra/role.ts';

/** Loaded on demand: a role's process loads no code of the others. */
const LOADERS: Record<RoleName, () => Promise<StartRole>> = {
  ingest: async () => (await import('../ingest/main.ts')).startIngest,
  realtime: async () => (await import('../realtime/sink/main.ts')).startRealtime,
  publisher: async () => (await import('../realtime/publisher/main.ts')).startPublisher,
  archive: async () => (await import('../batch/archive/main.ts')).startArchive,
  nightly: async () => (await import('../batch/nightly/main.ts')).startNightly,
  indexer: async () => (await import('../serving/indexer/main.ts')).startIndexer,
  api: async () => (await import('../serving/api/main.ts')).startApi,
};

export const runCommand = (): Command =>
  new Command('run').addArgument(new Argument('<role>', 'which one').choices(ROLES)).action(async (role: RoleName) => {
    const config = await readPlatformConfig(process.env);
    if (process.env.CLICKLEDGER_SUPERVISED !== '1') closeDataDir(config);
    await requireKnownFormat(openRegister(config));
    await runRole(role, config, withPreflight(role, await LOADERS[role]()));
  });
