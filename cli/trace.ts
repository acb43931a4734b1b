import { Command } from 'commander';
import type { EventKind } from '../domain/event_kinds.ts';
import { clickHouseOf } from '../infra/kinds.ts';
import { createLog } from '../infra/log.ts';
import { readPlatformConfig } from '../infra/platform_config.ts';
import { openRegister } from '../infra/register/open.ts';
import { logFileOf } from '../ingest/checkpoint.ts';
import { rejectedLines } from '../ingest/redrive/rejected_lines.ts';
import { placesOf } from '../serving/api/trace/places.ts';
import { trace } from '../serving/api/trace/trace.ts';
import { dayArgument } from './arguments/day.ts';
import { eventOption, namedKinds } from './arguments/event.ts';
import { traceText } from './text/trace.ts';

interface Options {
  event?: EventKind;
  date?: string;
  json?: true;
}

export const traceCommand = (): Command =>
  new Command('trace')
    .argument('<event_id>', 'as the line has it, or, of a line without one, host:generation:byte')
    .addOption(eventOption('click, impression or conversion; all that are run if absent'))
    .option('--date <day>', 'of this UTC day only, which is found sooner; YYYY-MM-DD', dayArgument)
    .option('--json', 'print one JSON document')
    .action(async (eventId: string, { event, date, json }: Options) => {
      const config = await readPlatformConfig(process.env);
      const kinds = namedKinds(config, event).map((kind) => ({ event: kind, clickhouse: clickHouseOf(config, kind) }));
      const tracer = {
        kinds,
        placesOf: placesOf(config, openRegister(config)),
        rejectedLines: rejectedLines(config, createLog('trace')),
        logFileOf: logFileOf(config.dataDir),
      };
      try {
        const found = await trace(tracer, { eventId, date }, new AbortController().signal);
        if (found === null) throw new Error(`no event ${eventId} is stored, and nothing like it was rejected`);
        process.stdout.write(json ? `${JSON.stringify(found)}\n` : traceText(found));
      } finally {
        await Promise.all(kinds.map(({ clickhouse }) => clickhouse.close()));
      }
    });
