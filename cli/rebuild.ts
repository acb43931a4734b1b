import { Command, Option } from 'commander';
import { acceptBlocked } from '../batch/rebuild/accept.ts';
import { previewDay } from '../batch/rebuild/preview.ts';
import { type RunRequest, rebuildDay } from '../batch/rebuild/rebuild.ts';
import { refuseTooOld, requireEnded } from '../batch/run/ended.ts';
import type { BatchEngines } from '../batch/run/engines.ts';
import { openBatchEngines } from '../batch/run/open_engines.ts';
import type { EventKind } from '../domain/event_kinds.ts';
import type { Preview } from '../domain/run_request.ts';
import { daysBetween } from '../domain/time.ts';
import { readPlatformConfig } from '../infra/platform_config.ts';
import { askedBy } from './arguments/asked_by.ts';
import { dayArgument } from './arguments/day.ts';
import { eventOption, namedKinds, oneKind } from './arguments/event.ts';
import { type Progress, progressOf } from './progress.ts';
import { kindNote } from './text/kind.ts';
import { previewText, type RunResult, runResult, runText } from './text/runs.ts';
import { untilHiveStarted } from './until_hive.ts';

interface Options {
  event?: EventKind;
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
    .addOption(eventOption('click, impression or conversion; all that are run if absent'))
    .option('--preview', 'only show what would change, by ad; nothing is published')
    .addOption(
      new Option('--accept', 'publish runs that reconciliation has blocked, as they were counted').conflicts('preview'),
    )
    .option('--json', 'print one JSON document')
    .action(async ({ event, from, to, reason, preview, accept, json }: Options) => {
      const config = await readPlatformConfig(process.env);
      const days = rebuildDays(from, to);
      const kinds = accept ? [oneKind(config, event)] : namedKinds(config, event);
      const requests = days.map((day) => ({ day, reason, requestedBy: askedBy() }));
      const progress = progressOf('rebuild', json === true);
      const [previews, runs]: [Made<Preview & { event: EventKind }>[], Made<RunResult>[]] = [[], []];
      for (const kind of kinds) {
        const { engines, close } = await openBatchEngines(config, kind, progress.log);
        try {
          await requireEnded(engines, days);
          await untilHiveStarted(config);
          if (preview) previews.push(await each(kind, requests, previewing(engines), progress));
          else runs.push(await each(kind, requests, publishing(engines, accept === true), progress));
        } finally {
          await close();
          progress.clear();
        }
      }
      if (preview) print(together(previews), 'previews', previewText);
      else print(together(runs), 'runs', runText);

      function print<T>({ made, failed }: Made<T>, name: string, text: (one: T) => string): void {
        process.stdout.write(json ? `${JSON.stringify({ [name]: made, failed })}\n` : made.map(text).join(''));
        if (failed.length > 0) process.exitCode = 1;
      }
    });

const previewing =
  (engines: BatchEngines) =>
  async (request: RunRequest): Promise<Preview & { event: EventKind }> => ({
    event: engines.event,
    ...(await previewDay(engines, request)),
  });

const publishing =
  (engines: BatchEngines, isAccepted: boolean) =>
  async (request: RunRequest): Promise<RunResult> =>
    runResult(engines.event, await (isAccepted ? acceptBlocked(engines, request) : rebuildDay(engines, request)));

const together = <T>(all: Made<T>[]): Made<T> => ({
  made: all.flatMap(({ made }) => made),
  failed: all.flatMap(({ failed }) => failed),
});

interface Made<T> {
  made: T[];
  failed: { event: EventKind; date: string; error: string }[];
}

/** A failed day is reported at once, and does not stop the others. */
async function each<T>(
  event: EventKind,
  requests: RunRequest[],
  make: (request: RunRequest) => Promise<T>,
  progress: Progress,
): Promise<Made<T>> {
  const result: Made<T> = { made: [], failed: [] };
  for (const request of requests) {
    try {
      result.made.push(await make(request));
    } catch (error) {
      const told = error instanceof Error ? error.message : String(error);
      result.failed.push({ event, date: request.day, error: told });
      progress.clear();
      process.stderr.write(`clickledger: ${request.day}${kindNote(event)}: ${told}\n`);
    }
  }
  return result;
}
