import { Command } from 'commander';
import { type Config, readConfig } from '../infra/config.ts';
import { closeDataDir } from '../infra/data_dir/close.ts';
import { requireKnownFormat } from '../infra/register/formats.ts';
import { openRegister } from '../infra/register/open.ts';
import { migrateAll } from '../infra/schema.ts';

export const migrateCommand = (): Command =>
  new Command('migrate')
    .option('--json', 'print one JSON document: {applied: [name]}')
    .action(async ({ json }: { json?: boolean }) => {
      const config: Config = readConfig(process.env);
      closeDataDir(config);
      await requireKnownFormat(openRegister(config));
      const applied = await migrateAll(config, (line) => process.stderr.write(`${line}\n`));
      process.stdout.write(json ? `${JSON.stringify({ applied })}\n` : `${applied.length} migrations applied\n`);
    });
