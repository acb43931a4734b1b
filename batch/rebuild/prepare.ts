import { isRunGone } from '../../domain/retention.ts';
import { readMinutesGone } from '../../infra/minutes_gone.ts';
import type { DayLock } from '../day/lock.ts';
import { brokenRules, conservation, copiesDropped } from '../reconcile/conservation.ts';
import type { BatchEngines } from '../run/engines.ts';
import { RunFailedError } from '../run/failure.ts';
import type { HeldDay } from '../run/hold_day.ts';
import { batchRuns, type CurrentRun, currentRuns } from '../run/ledger.ts';
import { loadedTotals, loadRun, realtimeClicks } from '../run/load.ts';
import type { Prepared } from '../run/prepared.ts';
import { type Counted, type RunFile, readCounted, runFolder, writeCounted } from '../run/run_files.ts';
import { countRun } from './count.ts';
import { outputFiles, outputTotals } from './output.ts';
import { dropSlices } from './sliced_count.ts';

interface CountedRun {
  counted: Counted;
  /** The run that answers for the day until this one does; 0: its real-time counts. */
  previousRun: number;
}

/** What answers for the day until its next run does. */
export function previousOf(current: ReadonlyMap<string, CurrentRun>, day: string) {
  const { run, cut } = current.get(day) ?? { run: 0, cut: null };
  return { previousRun: run, previousCut: run === 0 ? null : cut };
}

/** Counts the run in Hive, unless that was done before. */
export async function countOnce(engines: BatchEngines, run: RunFile, lock: DayLock): Promise<CountedRun> {
  const { archiveDir, clickhouse } = engines;
  const { previousRun, previousCut } = previousOf(await currentRuns(clickhouse), run.day);
  const counted = readCounted(archiveDir, run) ?? (await countRun(engines, run, previousCut, lock));
  writeCounted(archiveDir, run, counted);
  dropSlices(archiveDir, run, engines.log);
  return { counted, previousRun };
}

/** Loads the counted run into ClickHouse. Throws if its sums disagree anywhere. */
export async function loadCounted(
  engines: BatchEngines,
  run: RunFile,
  { counted, previousRun }: CountedRun,
  held: HeldDay,
): Promise<Prepared> {
  const { archiveDir, clickhouse, duck } = engines;
  const files = outputFiles(runFolder(archiveDir, run.day, run.run));
  const written = await outputTotals(duck.connection, files);
  // Another process may have published this very run, whose rows would be gone for a moment.
  await held.assertCurrent();
  const loaded = await loadRun(clickhouse, run, files);
  const rules = conservation({ event: engines.event, counted, written, loaded });
  const why = brokenRules(rules);
  if (why !== null) throw new RunFailedError('counts_disagree', why);
  if (previousRun > 0) await bringBack(engines, run.day, previousRun);
  const realtime = await realtimeClicks(clickhouse, run.day);
  const before = previousRun === 0 ? realtime : await clicksOf(engines, run.day, previousRun);
  const { clicks, late_included, conflicts, annotation_conflicts } = counted;
  const figures = {
    clicks,
    late_included,
    conflicts,
    annotation_conflicts,
    copies_dropped: copiesDropped(counted),
    difference: clicks - realtime,
    previous_run: previousRun,
    change: clicks - before,
    inputs: JSON.stringify(counted.inputs),
  };
  return { counted, files, figures, rules };
}

/**
 * Loads minutes of a run that are gone for their age: the run in its place is compared with them, or its hours are summed
 * from them. No question reads them.
 */
export async function bringBack(engines: BatchEngines, day: string, run: number): Promise<void> {
  const { archiveDir, clickhouse } = engines;
  if (!isRunGone(await readMinutesGone(clickhouse), { day, run })) return;
  const clicks = await clicksOf(engines, day, run);
  if ((await loadedTotals(clickhouse, { day, run })).clicks === clicks) return;
  const { clicks: loaded } = await loadRun(clickhouse, { day, run }, outputFiles(runFolder(archiveDir, day, run)));
  if (loaded === clicks) return;
  const why = `the ledger says ${clicks} of run ${run} of ${day}, and its files in the archive have ${loaded}`;
  throw new RunFailedError('counts_disagree', why);
}

async function clicksOf({ clickhouse }: BatchEngines, day: string, run: number): Promise<number> {
  return (await batchRuns(clickhouse, day)).find((row) => row.run === run)?.clicks ?? 0;
}
