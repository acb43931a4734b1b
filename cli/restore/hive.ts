import { recoverRunsInHive } from '../../batch/restore/hive_runs.ts';
import { databaseOf } from '../../domain/names.ts';
import { hiveAddress } from '../../infra/clients/engines.ts';
import { withHive } from '../../infra/clients/hive.ts';
import type { Config } from '../../infra/config.ts';
import { archiveDirOf, openRegisterOf } from '../../infra/kinds.ts';
import type { Log } from '../../infra/log.ts';
import { openRegister } from '../../infra/register/open.ts';
import { settleHiveLost } from '../../infra/register/restores.ts';
import { MIGRATE } from '../../infra/schema.ts';
import { untilHiveStarted } from '../until_hive.ts';

/** Makes everything visible in Hive again that its metastore has lost. Returns how many runs were unknown there. */
export async function restoreHive(config: Config, log: Log, say: (line: string) => void): Promise<number> {
  await untilHiveStarted(config);
  if (config.urls.hive !== undefined) await MIGRATE.hive(config, say);
  let runs = 0;
  for (const event of config.eventKinds) {
    const site = { archiveDir: archiveDirOf(config, event), register: openRegisterOf(config, event) };
    await withHive(
      hiveAddress(config),
      log,
      async (hive) => {
        runs += await recoverRunsInHive({ hive, ...site });
      },
      databaseOf(event),
    );
  }
  await settleHiveLost(openRegister(config));
  return runs;
}
