import { z } from 'zod';
import { type BatchRun, batchRuns } from '../batch/run/ledger.ts';
import { runNumbers } from '../batch/run/run_files.ts';
import { type EventKind, PLURAL, rebuildCommand } from '../domain/event_kinds.ts';
import { count } from '../domain/fields.ts';
import { databaseOf, runPartition } from '../domain/names.ts';
import { dayOf } from '../domain/time.ts';
import { type ClickHouseClient, rowsOf } from '../infra/clients/clickhouse.ts';
import { sql } from '../infra/sql.ts';
import type { DayCut, RowsBelow } from './rows_below_cut.ts';
import { type Rule, Tally } from './rule.ts';
import type { Stage } from './stage.ts';

const RUN_ROWS_SQL = sql('clickhouse/queries/status_run_rows.sql');

const loadedRun = z.object({ partition: z.string(), clicks: count });

/** A run that was published, even if it was superseded or rolled back since, and the archived rows below its cut. */
interface PublishedRun extends BatchRun {
  archived: DayCut;
}

/** From this archive, ordered by day and number. */
export async function auditedRuns(
  clickhouse: ClickHouseClient,
  archiveDir: string,
  below: RowsBelow,
): Promise<PublishedRun[]> {
  return (await batchRuns(clickhouse, null))
    .filter(({ day, run, published_at }) => published_at !== null && runNumbers(archiveDir, day).includes(run))
    .map((run) => ({ ...run, archived: below.of(run.day, run.cut) }));
}

/** The lag is the rows of ended days that no published run has counted. */
export function nightlyStage(
  runs: PublishedRun[],
  archived: ReadonlyMap<string, number>,
  nowMs: number,
): Omit<Stage, 'event'> {
  const stage = { name: 'nightly', in: 0, out: 0, rejected: 0, duplicates: 0, lag: 0, lag_unit: 'messages' as const };
  for (const { state, clicks, copies_dropped } of runs) {
    if (state !== 'published') continue;
    stage.in += clicks + copies_dropped;
    stage.out += clicks;
    stage.duplicates += copies_dropped;
  }
  const newest = new Map(runs.map((run) => [run.day, run.archived.rows]));
  for (const [day, all] of archived) if (day < dayOf(nowMs)) stage.lag += all - (newest.get(day) ?? 0);
  return stage;
}

/**
 * A run never changes, so long-published ones need not be checked for ever.
 * @param gone runs (`20210105-3`) whose minutes are on record as gone
 */
export async function runRules(
  event: EventKind,
  clickhouse: ClickHouseClient,
  runs: PublishedRun[],
  sinceMs: number,
  gone: ReadonlySet<string>,
): Promise<Rule[]> {
  const events = PLURAL[event];
  const checked = runs.filter(({ published_at }) => Date.parse(published_at ?? '') >= sinceMs);
  const partitions = checked.map(partitionOf);
  const found = await rowsOf(clickhouse, loadedRun, RUN_ROWS_SQL, { partitions });
  const loaded = new Map(found.map(({ partition, clicks }) => [partition, clicks]));
  const [counted, kept] = [new Tally(), new Tally()];
  for (const run of checked) {
    const name = `${run.day} run ${run.run}`;
    if (run.archived.known) counted.add(name, run.archived.rows, run.clicks + run.copies_dropped);
    const partition = partitionOf(run);
    if (!gone.has(partition)) kept.add(name, loaded.get(partition) ?? 0, run.clicks);
  }
  const advice = `recount the affected days: ${rebuildCommand(event)}`;
  return [
    counted.rule(
      `archived rows below the cut = ${events} + copies dropped of the run`,
      `the archive or the ledger was changed after the run was published; check the rules of the archive first, then ${advice}`,
    ),
    kept.rule(
      `rows of the run in ClickHouse = ${events} of the run in the ledger`,
      `rows of ${databaseOf(event)}.clicks_per_minute_batch were removed or doubled after the run was published, and answers are wrong by that much: ${advice}`,
    ),
  ];
}

const partitionOf = ({ day, run }: BatchRun): string => runPartition(day, run);
