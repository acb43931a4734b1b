import { Command } from 'commander';
import type { Replay } from '../batch/replay/record.ts';
import { refuseUnreplayable, replay } from '../batch/replay/replay.ts';
import { openBatchEngines } from '../batch/run/open_engines.ts';
import type { EventKind } from '../domain/event_kinds.ts';
import { readPlatformConfig } from '../infra/platform_config.ts';
import { askedBy } from './arguments/asked_by.ts';
import { dayArgument } from './arguments/day.ts';
import { eventOption, namedKinds } from './arguments/event.ts';
import { progressOf } from './progress.ts';
import { replayText } from './text/replay.ts';
import { untilHiveStarted } from './until_hive.ts';

interface Options {
  event?: EventKind;
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
    .addOption(eventOption('click, impression or conversion; all that are run if absent'))
    .option('--json', 'print one JSON document')
    .action(async ({ event, from, to, reason, json }: Options) => {
      const config = await readPlatformConfig(process.env);
      refuseUnreplayable({ from, to }, Date.now());
      await untilHiveStarted(config);
      const request = { from, to, reason, requestedBy: askedBy() };
      const progress = progressOf('replay', json === true);
      const replays: (Replay & { event: EventKind })[] = [];
      for (const kind of namedKinds(config, event)) {
        const { engines, close } = await openBatchEngines(config, kind, progress.log);
        const done = await replay(engines, { ...request, dedupeWindowMs: config.dedupeWindowMs[kind] }).finally(() => {
          progress.clear();
          return close();
        });
        replays.push({ event: kind, ...done });
        if (!json) process.stdout.write(replayText(done, kind));
      }
      if (!json) return;
      const [first, ...others] = replays;
      process.stdout.write(`${JSON.stringify(others.length === 0 ? first : { replays })}\n`);
    });
