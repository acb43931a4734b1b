import { userInfo } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import type { BatchRun } from '../batch/ledger.ts';
import { openBatchEngines } from '../batch/rebuild/open.ts';
import { rebuildDay, refuseUnended } from '../batch/rebuild/rebuild.ts';
import { daysBetween, isDay } from '../domain/time.ts';
import { readConfig } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';

interface Options {
  from: string;
  to: string;
  reason: string;
  json?: true;
}

export const dayArgument = (text: string): string => {
  if (!isDay(text)) throw new InvalidArgumentError('Expected a day such as 2021-01-31.');
  return text;
};

/** Ended days `[from, to)`. Throws if there is none, or one that is not over. */
export function rebuildDays(from: string, to: string, nowMs: number): string[] {
  if (from >= to) throw new Error(`--from ${from} is not before --to ${to}`);
  const days = daysBetween(from, to);
  for (const day of days) refuseUnended(day, nowMs);
  return days;
}

export const rebuildCommand = (): Command =>
  new Command('rebuild')
    .description('count ended days anew and publish the result')
    .requiredOption('--from <day>', 'first day, YYYY-MM-DD (UTC)', dayArgument)
    .requiredOption('--to <day>', 'day behind the last', dayArgument)
    .requiredOption('--reason <text>', 'why; kept in the ledger')
    .option('--json', 'print one JSON document')
    .action(async ({ from, to, reason, json }: Options) => {
      const config = readConfig(process.env);
      const days = rebuildDays(from, to, Date.now());
      const { engines, close } = await openBatchEngines(config, createLog('rebuild'));
      const runs: BatchRun[] = [];
      const failed: { date: string; error: string }[] = [];
      try {
        for (const day of days) {
          try {
            runs.push(await rebuildDay(engines, { day, reason, requestedBy: userInfo().username }));
          } catch (error) {
            failed.push({ date: day, error: error instanceof Error ? error.message : String(error) });
            process.stderr.write(`clickledger: ${day}: ${failed.at(-1)?.error}\n`);
          }
        }
      } finally {
        await close();
      }
      const result = runs.map(({ day, run, state, clicks, copies_dropped, late_included, difference, conflicts }) => ({
        date: day,
        run,
        state,
        clicks,
        copies_dropped,
        late_included,
        difference,
        conflicts,
      }));
      if (json) process.stdout.write(`${JSON.stringify({ runs: result, failed })}\n`);
      else {
        for (const run of result) {
          process.stdout.write(
            `${run.date} run ${run.run} ${run.state}: ${run.clicks} clicks, ${run.copies_dropped} copies dropped, ` +
              `${run.late_included} late, ${run.conflicts} conflicts, ${run.difference} against real time\n`,
          );
        }
      }
      if (failed.length > 0) process.exitCode = 1;
    });
