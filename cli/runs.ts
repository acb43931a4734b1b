import { Command } from 'commander';
import { replaysOf } from '../batch/replay/record.ts';
import { type BatchRun, batchRuns } from '../batch/run/ledger.ts';
import { type EventKind, PLURAL } from '../domain/event_kinds.ts';
import { clickHouseOf } from '../infra/kinds.ts';
import { readPlatformConfig } from '../infra/platform_config.ts';
import { dayArgument } from './arguments/day.ts';
import { eventOption, runKind } from './arguments/event.ts';
import { replayText } from './text/replay.ts';
import { annotationConflicts, sourceName } from './text/runs.ts';
import { signed } from './text/table.ts';

export const runsCommand = (): Command =>
  new Command('runs')
    .option('--date <day>', 'of one day only, YYYY-MM-DD', dayArgument)
    .addOption(eventOption('click (if absent), impression or conversion'))
    .option('--json', 'print one JSON document')
    .action(async ({ event, date, json }: { event?: EventKind; date?: string; json?: true }) => {
      const config = await readPlatformConfig(process.env);
      const kind = runKind(config, event);
      const clickhouse = clickHouseOf(config, kind);
      const [runs, replays] = await Promise.all([
        batchRuns(clickhouse, date ?? null),
        replaysOf(clickhouse, date ?? null),
      ]).finally(() => clickhouse.close());
      if (json) {
        const documents = runs.map(({ day, ...rest }) => ({ event: kind, date: day, ...rest }));
        process.stdout.write(`${JSON.stringify({ runs: documents, replays })}\n`);
        return;
      }
      process.stdout.write(runs.length === 0 ? 'no runs\n' : runs.map((run) => lineOf(kind, run)).join(''));
      for (const replay of replays) process.stdout.write(replayText(replay, kind));
    });

function lineOf(event: EventKind, run: BatchRun): string {
  const facts = [
    `${run.clicks} ${PLURAL[event]}`,
    `${run.copies_dropped} copies dropped`,
    `${run.late_included} late`,
    `${run.conflicts} conflicts${annotationConflicts(run)}`,
    `${signed(run.change)} against ${sourceName(run.previous_run)}`,
    ...(run.verdict === '' ? [] : [`reconciliation ${run.verdict}`]),
    ...(run.unexplained === 0 ? [] : [`${run.unexplained} unexplained`]),
    ...(run.rolled_back_at === null ? [] : [`rolled back ${run.rolled_back_at}`]),
    ...(run.accepted_by === '' ? [] : [`accepted by ${run.accepted_by}: ${run.accepted_reason}`]),
  ];
  const published = run.published_at ?? 'never published';
  return `${run.day} run ${run.run} ${run.state} (${published}): ${facts.join(', ')}: ${run.reason} (${run.requested_by})\n`;
}
