import { userInfo } from 'node:os';
import { Command } from 'commander';
import { openBatchEngines } from '../batch/rebuild/open.ts';
import type { Held, Replay } from '../batch/replay/record.ts';
import { refuseUnreplayable, replay } from '../batch/replay/replay.ts';
import { readConfig } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';
import { dayArgument } from './rebuild.ts';
import { table } from './table.ts';

interface Options {
  from: string;
  to: string;
  reason: string;
  json?: true;
}

export const replayCommand = (): Command =>
  new Command('replay')
    .description('derive the real-time tables of some days anew from the archive, after a fault in the real-time path')
    .requiredOption('--from <day>', 'first day, YYYY-MM-DD (UTC)', dayArgument)
    .requiredOption('--to <day>', 'day behind the last', dayArgument)
    .requiredOption('--reason <text>', 'why; kept on record')
    .option('--json', 'print one JSON document')
    .action(async ({ from, to, reason, json }: Options) => {
      const config = readConfig(process.env);
      refuseUnreplayable({ from, to }, Date.now());
      const { engines, close } = await openBatchEngines(config, createLog('replay'));
      const { dedupeWindowMs } = config;
      const request = { from, to, reason, requestedBy: userInfo().username, dedupeWindowMs };
      const done = await replay(engines, request).finally(close);
      process.stdout.write(json ? `${JSON.stringify(done)}\n` : replayText(done));
    });

/** One line, and of a replay that was staged what it changed. */
export function replayText({
  replay,
  from,
  to,
  state,
  requested_by,
  reason,
  inputs,
  before,
  after,
  note,
}: Replay): string {
  const head = `replay ${replay} of ${from} to ${to} (exclusive) ${state}, by ${requested_by}: ${reason}\n`;
  if (before === null || after === null) return note === '' ? head : `${head}  ${note}\n`;
  const { files, sha256 } = JSON.parse(inputs) as { files: number; sha256: string };
  const names = Object.keys(after) as (keyof Held)[];
  const changes = names.map((name) => [name.replaceAll('_', ' '), before[name], after[name]]);
  return `${head}${table(['', 'before', 'after'], changes)}  from ${files} archived files, ${sha256.slice(0, 12)}…\n`;
}
