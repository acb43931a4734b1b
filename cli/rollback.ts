import { Command, InvalidArgumentError } from 'commander';
import { rollback } from '../batch/rebuild/rollback.ts';
import { openBatchEngines } from '../batch/run/open_engines.ts';
import type { EventKind } from '../domain/event_kinds.ts';
import { createLog } from '../infra/log.ts';
import { readPlatformConfig } from '../infra/platform_config.ts';
import { askedBy } from './arguments/asked_by.ts';
import { dayArgument } from './arguments/day.ts';
import { eventOption, oneKind } from './arguments/event.ts';
import { untilHiveStarted } from './until_hive.ts';

interface Options {
  event?: EventKind;
  date: string;
  run: number;
  reason: string;
  json?: true;
}

const runArgument = (text: string): number => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Expected the number of a run.');
  return Number(text);
};

export const rollbackCommand = (): Command =>
  new Command('rollback')
    .requiredOption('--date <day>', 'YYYY-MM-DD (UTC)', dayArgument)
    .requiredOption(
      '--run <number>',
      "the day's current run, to take it back, or an older one, to return to it",
      runArgument,
    )
    .addOption(eventOption('click, impression or conversion; must be said if several are run'))
    .requiredOption('--reason <text>', 'why; kept in the ledger')
    .option('--json', 'print one JSON document')
    .action(async ({ event, date, run, reason, json }: Options) => {
      const config = await readPlatformConfig(process.env);
      const kind = oneKind(config, event);
      await untilHiveStarted(config);
      const { engines, close } = await openBatchEngines(config, kind, createLog('rollback'));
      try {
        const current = await rollback(engines, { day: date, run, reason, requestedBy: askedBy() });
        if (json) process.stdout.write(`${JSON.stringify({ date, run: current })}\n`);
        else {
          const now = current === 0 ? 'its real-time counts' : `run ${current}`;
          process.stdout.write(`${date}: rolled back, answered from ${now}\n`);
        }
      } finally {
        await close();
      }
    });
