import { Command } from 'commander';
import { replaysOf } from '../batch/replay/record.ts';
import { type BatchRun, batchRuns } from '../batch/run/ledger.ts';
import { createClickHouse } from '../infra/clients/clickhouse.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { readConfig } from '../infra/config.ts';
import { dayArgument } from './arguments/day.ts';
import { replayText } from './text/replay.ts';
import { sourceName } from './text/runs.ts';
import { signed } from './text/table.ts';

export const runsCommand = (): Command =>
  new Command('runs')
    .option('--date <day>', 'of one day only, YYYY-MM-DD', dayArgument)
    .option('--json', 'print one JSON document')
    .action(async ({ date, json }: { date?: string; json?: true }) => {
      const clickhouse = createClickHouse(engineUrls(readConfig(process.env)).clickhouse);
      const [runs, replays] = await Promise.all([
        batchRuns(clickhouse, date ?? null),
        replaysOf(clickhouse, date ?? null),
      ]).finally(() => clickhouse.close());
      if (json) {
        const documents = runs.map(({ day, ...rest }) => ({ date: day, ...rest }));
        process.stdout.write(`${JSON.stringify({ runs: documents, replays })}\n`);
        return;
      }
      process.stdout.write(runs.length === 0 ? 'no runs\n' : runs.map(lineOf).join(''));
      for (const replay of replays) process.stdout.write(replayText(replay));
    });

function lineOf(run: BatchRun): string {
  const facts = [
    `${run.clicks} clicks`,
    `${run.copies_dropped} copies dropped`,
    `${run.late_included} late`,
    `${run.conflicts} conflicts`,
    `${signed(run.change)} against ${sourceName(run.previous_run)}`,
    ...(run.verdict === '' ? [] : [`reconciliation ${run.verdict}`]),
    ...(run.unexplained === 0 ? [] : [`${run.unexplained} unexplained`]),
    ...(run.rolled_back_at === null ? [] : [`rolled back ${run.rolled_back_at}`]),
    ...(run.accepted_by === '' ? [] : [`accepted by ${run.accepted_by}: ${run.accepted_reason}`]),
  ];
  const published = run.published_at ?? 'never published';
  return `${run.day} run ${run.run} ${run.state} (${published}): ${facts.join(', ')}: ${run.reason} (${run.requested_by})\n`;
}
