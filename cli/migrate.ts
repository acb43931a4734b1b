import { Command, Option } from 'commander';
import type { Config } from '../infra/config.ts';
import { closeDataDir } from '../infra/data_dir/close.ts';
import { kindsNotAskedFor, readPlatformConfig } from '../infra/platform_config.ts';
import { acceptStore, STORE_NAMES, type StoreName } from '../infra/preflight/stores.ts';
import { requireKnownFormat } from '../infra/register/formats.ts';
import { openRegister } from '../infra/register/open.ts';
import { migrateAll } from '../infra/schema.ts';

export const migrateCommand = (): Command =>
  new Command('migrate')
    .option('--json', 'print one JSON document: {applied: [name]}')
    .addOption(
      new Option(
        '--accept-store <store>',
        'only this: the next start takes the store that the settings name for its own, whatever is in it',
      ).choices(STORE_NAMES),
    )
    .action(async ({ json, acceptStore: name }: { json?: boolean; acceptStore?: StoreName }) => {
      const config: Config = await readPlatformConfig(process.env);
      closeDataDir(config);
      const register = openRegister(config);
      await requireKnownFormat(register);
      if (name !== undefined) await acceptStore(register, name, Date.now());
      const kinds = kindsNotAskedFor(config);
      const report = (line: string): void => void process.stderr.write(`${line}\n`);
      if (kinds !== null) report(kinds);
      const applied = name === undefined ? await migrateAll(config, report) : [];
      process.stdout.write(json ? `${JSON.stringify({ applied })}\n` : `${applied.length} migrations applied\n`);
    });
