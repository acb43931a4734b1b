import type { BatchRun } from '../../batch/run/ledger.ts';
import { type EventKind, PLURAL } from '../../domain/event_kinds.ts';
import type { Preview } from '../../domain/run_request.ts';
import { signed, table } from './table.ts';

const SHOWN_ADS = 20;

export type RunResult = Pick<
  BatchRun,
  | 'run'
  | 'state'
  | 'clicks'
  | 'copies_dropped'
  | 'late_included'
  | 'difference'
  | 'conflicts'
  | 'annotation_conflicts'
  | 'previous_run'
  | 'change'
  | 'verdict'
  | 'unexplained'
> & { event: EventKind; date: string };

export const runResult = (event: EventKind, { day: date, run, state, clicks, ...rest }: BatchRun): RunResult => ({
  event,
  date,
  run,
  state,
  clicks,
  copies_dropped: rest.copies_dropped,
  late_included: rest.late_included,
  difference: rest.difference,
  conflicts: rest.conflicts,
  annotation_conflicts: rest.annotation_conflicts,
  previous_run: rest.previous_run,
  change: rest.change,
  verdict: rest.verdict,
  unexplained: rest.unexplained,
});

export const sourceName = (run: number): string => (run === 0 ? 'real time' : `run ${run}`);

/** Most runs have none. */
export const annotationConflicts = ({ annotation_conflicts }: Pick<BatchRun, 'annotation_conflicts'>): string =>
  annotation_conflicts === 0 ? '' : `, ${annotation_conflicts} annotation conflicts`;

export const runText = (run: RunResult): string =>
  `${run.date} run ${run.run} ${run.state}: ${run.clicks} ${PLURAL[run.event]}, ${run.copies_dropped} copies dropped, ` +
  `${run.late_included} late, ${run.conflicts} conflicts${annotationConflicts(run)}, ${run.difference} against real time` +
  `${run.previous_run === 0 ? '' : `, ${signed(run.change)} against ${sourceName(run.previous_run)}`}; ` +
  `reconciliation: ${run.verdict}${run.unexplained === 0 ? '' : `, ${run.unexplained} unexplained`}\n`;

export function previewText({ event, ...preview }: Preview & { event: EventKind }): string {
  const { date, run, previous_run, before, after, ads_changed, ads, verdict, unexplained } = preview;
  const head =
    `${date}: ${before} ${PLURAL[event]} now (${sourceName(previous_run)}), ${after} in run ${run}: ${signed(after - before)}, ` +
    `${ads_changed} ads change. Nothing is published. Reconciliation would say: ${verdict}` +
    `${unexplained === 0 ? '' : `, ${unexplained} unexplained`}\n`;
  if (ads.length === 0) return head;
  const shown = ads.slice(0, SHOWN_ADS);
  const rows = shown.map((ad) => [ad.ad_id, ad.before, ad.after, signed(ad.change)]);
  const more = ads_changed - shown.length;
  return `${head}${table(['ad', 'now', 'then', 'change'], rows)}${more > 0 ? `  and ${more} more ads\n` : ''}`;
}
