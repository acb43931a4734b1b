import { readDayLocation } from '../archive/cold/day_location.ts';
import { isUnsettled } from '../archive/cold/settle.ts';
import { type ArchivedFile, manifestsOf } from '../archive/files/manifest.ts';
import { DayBusyError } from '../day/lock.ts';
import { type BegunRun, countTogether } from '../rebuild/count_together.ts';
import { previousOf } from '../rebuild/prepare.ts';
import { followIfBehind } from '../rebuild/propagate.ts';
import { beginRun, lastRun } from '../rebuild/rebuild.ts';
import { clicksArrived } from '../run/arrived.ts';
import { requireEnded } from '../run/ended.ts';
import type { BatchEngines } from '../run/engines.ts';
import { type HeldDay, takeDay } from '../run/hold_day.ts';
import { currentRuns } from '../run/ledger.ts';

/** Hive takes some seconds for a statement, however little it reads; so many rows are read within these. */
const SMALL_ROWS = 20_000;
const MOST_TOGETHER = 50;

/**
 * Days that are counted together: by the first of each group, in the order of `days`. A small day alone is counted like
 * any other.
 * @param rows archived of each day
 */
export function groupsOfSmall(days: readonly string[], rows: ReadonlyMap<string, number>): Map<string, string[]> {
  const small = days.filter((day) => (rows.get(day) ?? 0) > 0 && (rows.get(day) ?? 0) <= SMALL_ROWS);
  const groups = new Map<string, string[]>();
  for (let at = 0; at < small.length; at += MOST_TOGETHER) {
    const group = small.slice(at, at + MOST_TOGETHER);
    if (group.length > 1) groups.set(group[0] as string, group);
  }
  return groups;
}

/** Rows of days that lie in the archive itself: what was moved away is read where it is, a day at a time. */
export function rowsByDay(archiveDir: string, days: readonly string[]): Map<string, number> {
  const here = days.filter((day) => readDayLocation(archiveDir, day) === null && !isUnsettled(archiveDir, day));
  const rows = new Map(here.map((day) => [day, 0]));
  const add = ({ day, rows: more }: ArchivedFile): void => {
    const before = rows.get(day);
    if (before !== undefined) rows.set(day, before + more);
  };
  for (const { files } of manifestsOf(archiveDir)) files.forEach(add);
  return rows;
}

/**
 * Begins a run of each day and counts them together, so that each needs only to be finished. What cannot be done here, a
 * day's own run does or says.
 */
export async function countSmallDays(engines: BatchEngines, days: readonly string[]): Promise<void> {
  const { clickhouse, log, signal } = engines;
  await requireEnded(engines, [...days]);
  const held: HeldDay[] = [];
  try {
    const begun: BegunRun[] = [];
    for (const day of days) {
      signal.throwIfAborted();
      try {
        held.push(await takeDay(engines, day));
        await followIfBehind(engines, day);
        const last = await lastRun(engines, day);
        // One that was begun before is finished first.
        if (last?.state === 'counting' || last?.state === 'accepted') continue;
        const { previousCut } = previousOf(await currentRuns(clickhouse), day);
        begun.push({ run: await beginRun(engines, { day, reason: 'nightly', requestedBy: 'nightly' }), previousCut });
      } catch (error) {
        if (!(error instanceof DayBusyError)) throw error;
        log.info(error.message);
      }
    }
    const last = begun.at(-1);
    if (last === undefined || begun.length < 2) return;
    // The last cut is the highest.
    await clicksArrived(engines, last.run);
    await countTogether(engines, begun);
  } finally {
    for (const day of held) day.release();
  }
}
