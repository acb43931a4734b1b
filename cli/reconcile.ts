import { Command } from 'commander';
import { recheck } from '../batch/reconcile/recheck.ts';
import { requireEnded } from '../batch/run/ended.ts';
import { openBatchEngines } from '../batch/run/open_engines.ts';
import { type EventKind, PLURAL } from '../domain/event_kinds.ts';
import type { Reconciliation } from '../domain/reconciliation.ts';
import { createLog } from '../infra/log.ts';
import { readPlatformConfig } from '../infra/platform_config.ts';
import { dayArgument } from './arguments/day.ts';
import { eventOption, runKind } from './arguments/event.ts';
import { signed, table } from './text/table.ts';
import { untilHiveStarted } from './until_hive.ts';

const SHOWN_ADS = 20;

export const reconcileCommand = (): Command =>
  new Command('reconcile')
    .requiredOption('--date <day>', 'YYYY-MM-DD (UTC)', dayArgument)
    .addOption(eventOption('click (if absent), impression or conversion'))
    .option('--json', 'print one JSON document')
    .action(async ({ event, date, json }: { event?: EventKind; date: string; json?: true }) => {
      const config = await readPlatformConfig(process.env);
      const kind = runKind(config, event);
      const { engines, close } = await openBatchEngines(config, kind, createLog('reconcile'));
      const report = await requireEnded(engines, [date])
        .then(() => untilHiveStarted(config))
        .then(() => recheck(engines, date))
        .finally(close);
      if (report === null) throw new Error(`${date} has no run to compare with: clickledger rebuild makes one`);
      process.stdout.write(json ? `${JSON.stringify(report)}\n` : reconciliationText(report, kind));
      if (report.verdict === 'blocked') process.exitCode = 1;
    });

/** Human-readable output. */
export function reconciliationText(report: Reconciliation, event: EventKind = 'click'): string {
  const events = PLURAL[event];
  const { date, run, realtime, counted, difference, raw, verdict, unexplained, unexplained_limit } = report;
  const { ad_minutes, worst_ads } = report;
  const gone =
    raw === 'gone'
      ? `  the day's raw ${events} are gone: only what the run before had can be missed by this one\n`
      : '';
  const reasons: [string, number, string][] = [
    ['late', report.late, 'arrived beyond the cut; the next run counts them'],
    [
      'copies',
      report.copies,
      `further sends of ${event === 'impression' ? 'an' : 'a'} ${event}, outside the window of real time`,
    ],
    ['redriven', report.redriven, `of both, what a re-drive of rejected ${events} has sent`],
    ['collision', -report.collision, 'in the run; real time took them for copies of others with the same hash'],
    ['unattributed', report.unattributed, `raw ${events} are gone: nobody can say`],
    ['surplus', report.surplus, 'unexplained: in real time and not in the run'],
    ['lost', -report.lost, 'unexplained: in the run and not in real time'],
  ];
  const ads = worst_ads.slice(0, SHOWN_ADS).map((ad) => {
    const explained = [ad.late, ad.copies, ad.redriven, signed(-ad.collision), ad.unattributed];
    return [ad.ad_id, signed(ad.difference), ...explained, signed(ad.unexplained)];
  });
  const head = ['ad', 'difference', 'late', 'copies', 'redriven', 'collision', 'unattributed', 'unexplained'];
  return [
    `${date} run ${run}: ${realtime} ${events} in real time, ${counted} in the run: ${signed(difference)} in ${ad_minutes} ad minutes\n`,
    gone,
    table(
      ['why', events, ''],
      reasons.map(([why, clicks, means]) => [why, signed(clicks), means]),
    ),
    ...(ads.length === 0 ? [] : [table(head, ads)]),
    `verdict: ${verdict} (${unexplained} unexplained, RECONCILE_LIMIT ${unexplained_limit})\n`,
  ].join('');
}
