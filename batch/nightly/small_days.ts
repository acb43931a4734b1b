import { highest } from '../../domain/cut.ts';
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

const isHere = (archiveDir: string, day: string): boolean =>
  readDayLocation(archiveDir, day) === null && !isUnsettled(archiveDir, day);

/** Rows of days that lie in the archive itself: what was moved away is read where it is, a day at a time. */
export function rowsByDay(archiveDir: string, days: readonly string[]): Map<string, number> {
  const rows = new Map(days.filter((day) => isHere(archiveDir, day)).map((day) => [day, 0]));
  const add = ({ day, rows: more }: ArchivedFile): void => {
    const before = rows.get(day);
    if (before !== undefined) rows.set(day, before + more);
  };
  // One alone is in no group.
  if (rows.size > 1) for (const { files } of manifestsOf(archiveDir)) files.forEach(add);
  return rows;
}

/**
 * Begins a run of each day and counts them together, so that each needs only to be finished. What cannot be done here, a
 * day's own run does or says.
 * @param needed the days that need a run by now: what is asked for meanwhile may have counted some
 */
export async function countSmallDays(
  engines: BatchEngines,
  days: readonly string[],
  needed: () => Promise<readonly string[]>,
): Promise<void> {
  const { log, signal } = engines;
  await requireEnded(engines, [...days]);
  const held = new Map<string, HeldDay>();
  try {
    for (const day of days) {
      signal.throwIfAborted();
      try {
        held.set(day, await takeDay(engines, day));
      } catch (error) {
        if (!(error instanceof DayBusyError)) throw error;
        log.info(error.message);
      }
    }
    const wanted = new Set(await needed());
    const current = await currentRuns(engines.clickhouse);
    const begun: BegunRun[] = [];
    for (const day of [...held.keys()].filter((one) => wanted.has(one))) {
      const one = await beginSmall(engines, day, previousOf(current, day).previousCut);
      if (one !== null) begun.push(one);
    }
    const last = begun.at(-1);
    if (last === undefined || begun.length < 2) return;
    await clicksArrived(engines, { ...last.run, cut: highest(begun.map(({ run }) => run.cut)) });
    await countTogether(engines, begun);
  } finally {
    for (const lock of held.values()) lock.release();
  }
}

async function beginSmall(
  engines: BatchEngines,
  day: string,
  previousCut: BegunRun['previousCut'],
): Promise<BegunRun | null> {
  await followIfBehind(engines, day);
  const last = await lastRun(engines, day);
  // One that was begun before is finished first, and one that is blocked may still be accepted.
  if (last !== null && ['counting', 'accepted', 'blocked'].includes(last.state)) return null;
  if (!isHere(engines.archiveDir, day)) return null;
  try {
    return { run: await beginRun(engines, { day, reason: 'nightly', requestedBy: 'nightly' }), previousCut };
  } catch (error) {
    if (!(error instanceof DayBusyError)) throw error;
    engines.log.info(error.message);
    return null;
  }
}
