import { Command } from 'commander';
import { batchRuns } from '../batch/ledger.ts';
import { replaysOf } from '../batch/replay/record.ts';
import { createClickHouse } from '../infra/clients/clickhouse.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { readConfig } from '../infra/config.ts';
import { dayArgument } from './rebuild.ts';
import { replayText } from './replay.ts';

export const runsCommand = (): Command =>
  new Command('runs')
    .description('list the runs of the batch path, and the replays of real-time tables')
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
      for (const { day, run, state, clicks, copies_dropped, late_included, conflicts, published_at, reason } of runs) {
        const facts = `${clicks} clicks, ${copies_dropped} copies dropped, ${late_included} late, ${conflicts} conflicts`;
        process.stdout.write(
          `${day} run ${run} ${state} (${published_at ?? 'never published'}): ${facts}: ${reason}\n`,
        );
      }
      if (runs.length === 0) process.stdout.write('no runs\n');
      for (const replay of replays) process.stdout.write(replayText(replay));
    });
