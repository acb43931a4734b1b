import { userInfo } from 'node:os';
import { Command, Option } from 'commander';
import { acceptBlocked } from '../batch/rebuild/accept.ts';
import { previewDay } from '../batch/rebuild/preview.ts';
import { type RunRequest, rebuildDay } from '../batch/rebuild/rebuild.ts';
import { refuseTooOld, requireEnded } from '../batch/run/ended.ts';
import type { BatchEngines } from '../batch/run/engines.ts';
import { openBatchEngines } from '../batch/run/open_engines.ts';
import { daysBetween } from '../domain/time.ts';
import { readConfig } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';
import { dayArgument } from './arguments/day.ts';
import { previewText, type RunResult, runResult, runText } from './text/runs.ts';
import { untilHiveStarted } from './until_hive.ts';

interface Options {
  from: string;
  to: string;
  reason: string;
  preview?: true;
  accept?: true;
  json?: true;
}

/** Days `[from, to)`. Throws if there is none, or if one is too old. */
export function rebuildDays(from: string, to: string): string[] {
  if (from >= to) throw new Error(`--from ${from} is not before --to ${to}`);
  const days = daysBetween(from, to);
  for (const day of days) refuseTooOld(day);
  return days;
}

export const rebuildCommand = (): Command =>
  new Command('rebuild')
    .requiredOption('--from <day>', 'first day, YYYY-MM-DD (UTC)', dayArgument)
    .requiredOption('--to <day>', 'day after the last', dayArgument)
    .requiredOption('--reason <text>', 'why; kept in the ledger')
    .option('--preview', 'only show what would change, by ad; nothing is published')
    .addOption(
      new Option('--accept', 'publish runs that reconciliation has blocked, as they were counted').conflicts('preview'),
    )
    .option('--json', 'print one JSON document')
    .action(async ({ from, to, reason, preview, accept, json }: Options) => {
      const config = readConfig(process.env);
      const days = rebuildDays(from, to);
      const { engines, close } = await openBatchEngines(config, createLog('rebuild'));
      const requests = days.map((day) => ({ day, reason, requestedBy: userInfo().username }));
      try {
        await requireEnded(engines, days);
        await untilHiveStarted(config);
        if (preview) print(await each(requests, (request) => previewDay(engines, request)), 'previews', previewText);
        else print(await each(requests, publishing(engines, accept === true)), 'runs', runText);
      } finally {
        await close();
      }

      function print<T>({ made, failed }: Made<T>, name: string, text: (one: T) => string): void {
        process.stdout.write(json ? `${JSON.stringify({ [name]: made, failed })}\n` : made.map(text).join(''));
        if (failed.length > 0) process.exitCode = 1;
      }
    });

const publishing =
  (engines: BatchEngines, isAccepted: boolean) =>
  async (request: RunRequest): Promise<RunResult> =>
    runResult(await (isAccepted ? acceptBlocked(engines, request) : rebuildDay(engines, request)));

interface Made<T> {
  made: T[];
  failed: { date: string; error: string }[];
}

/** A failed day is reported at once, and does not stop the others. */
async function each<T>(requests: RunRequest[], make: (request: RunRequest) => Promise<T>): Promise<Made<T>> {
  const result: Made<T> = { made: [], failed: [] };
  for (const request of requests) {
    try {
      result.made.push(await make(request));
    } catch (error) {
      const told = error instanceof Error ? error.message : String(error);
      result.failed.push({ date: request.day, error: told });
      process.stderr.write(`clickledger: ${request.day}: ${told}\n`);
    }
  }
  return result;
}
