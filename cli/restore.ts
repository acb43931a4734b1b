import { Command } from 'commander';
import { bringRegisterForward, lacks } from '../batch/run/restore_register.ts';
import { createClickHouse } from '../infra/clients/clickhouse.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { readConfig } from '../infra/config.ts';
import { openRegister } from '../infra/register/open.ts';
import { lacksText } from './text/restore.ts';

interface Options {
  register?: true;
  dryRun?: true;
  json?: true;
}

export const restoreCommand = (): Command =>
  new Command('restore')
    .option('--register', 'bring the register forward to what its copies in ClickHouse have')
    .option('--dry-run', 'only show what it would add')
    .option('--json', 'print one JSON document')
    .action(async ({ register: isOfRegister, dryRun, json }: Options) => {
      if (!isOfRegister) throw new Error('restore: say what; this version restores the register only: --register');
      const config = readConfig(process.env);
      const { archiveDir } = config;
      const clickhouse = createClickHouse(engineUrls(config).clickhouse);
      try {
        const ledger = { event: 'click' as const, archiveDir, clickhouse, register: openRegister(config) };
        const found = await lacks(ledger);
        if (json) process.stdout.write(`${JSON.stringify(found)}\n`);
        else process.stdout.write(lacksText(found, dryRun === true));
        if (!dryRun) await bringRegisterForward(ledger, found);
        if (found.differing.length + found.onlyInHive.length > 0) process.exitCode = 1;
      } finally {
        await clickhouse.close();
      }
    });
