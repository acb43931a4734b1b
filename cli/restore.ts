import { Command } from 'commander';
import { bringRegisterForward, lacks, type RegisterLacks } from '../batch/run/restore_register.ts';
import type { EventKind } from '../domain/event_kinds.ts';
import type { Config } from '../infra/config.ts';
import { archiveDirOf, clickHouseOf, openRegisterOf } from '../infra/kinds.ts';
import { readPlatformConfig } from '../infra/platform_config.ts';
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
      const config = await readPlatformConfig(process.env);
      const found: (RegisterLacks & { event: EventKind })[] = [];
      for (const event of config.eventKinds)
        found.push({ event, ...(await restoreKind(config, event, dryRun === true)) });
      if (json) process.stdout.write(`${JSON.stringify(together(found))}\n`);
      else process.stdout.write(found.map((lacks) => lacksText(lacks, dryRun === true, lacks.event)).join(''));
      if (found.some(({ differing, onlyInHive }) => differing.length + onlyInHive.length > 0)) process.exitCode = 1;
    });

async function restoreKind(config: Config, event: EventKind, isDryRun: boolean): Promise<RegisterLacks> {
  const clickhouse = clickHouseOf(config, event);
  const ledger = {
    event,
    archiveDir: archiveDirOf(config, event),
    clickhouse,
    register: openRegisterOf(config, event),
  };
  try {
    const found = await lacks(ledger);
    if (!isDryRun) await bringRegisterForward(ledger, found);
    return found;
  } finally {
    await clickhouse.close();
  }
}

/** The findings of all kinds as one, each with its kind. */
function together(found: (RegisterLacks & { event: EventKind })[]) {
  const all = <T>(of: (lacks: RegisterLacks) => T[]) =>
    found.flatMap((lacks) => of(lacks).map((one) => ({ event: lacks.event, ...one })));
  return {
    events: all(({ events }) => events),
    filters: found.flatMap(({ filters }) => filters),
    names: found.flatMap(({ names }) => names),
    differing: all(({ differing }) => differing),
    onlyInHive: all(({ onlyInHive }) => onlyInHive),
  };
}
