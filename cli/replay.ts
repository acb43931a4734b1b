import { userInfo } from 'node:os';
import { Command } from 'commander';
import { refuseUnreplayable, replay } from '../batch/replay/replay.ts';
import { openBatchEngines } from '../batch/run/open_engines.ts';
import { readConfig } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';
import { dayArgument } from './arguments/day.ts';
import { replayText } from './text/replay.ts';
import { untilHiveStarted } from './until_hive.ts';

interface Options {
  from: string;
  to: string;
  reason: string;
  json?: true;
}

export const replayCommand = (): Command =>
  new Command('replay')
    .requiredOption('--from <day>', 'first day, YYYY-MM-DD (UTC)', dayArgument)
    .requiredOption('--to <day>', 'day after the last', dayArgument)
    .requiredOption('--reason <text>', 'why; recorded')
    .option('--json', 'print one JSON document')
    .action(async ({ from, to, reason, json }: Options) => {
      const config = readConfig(process.env);
      refuseUnreplayable({ from, to }, Date.now());
      await untilHiveStarted(config);
      const { engines, close } = await openBatchEngines(config, createLog('replay'));
      const { dedupeWindowMs } = config;
      const request = { from, to, reason, requestedBy: userInfo().username, dedupeWindowMs };
      const done = await replay(engines, request).finally(close);
      process.stdout.write(json ? `${JSON.stringify(done)}\n` : replayText(done));
    });
