import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dayOf, isDay } from '../../../domain/time.ts';
import { DayBusyError, type DayLock, type LockSite, lockDay } from '../../day/lock.ts';
import { repair } from '../files/layout.ts';
import { movedDays, readDayLocation, writeDayLocation } from './day_location.ts';
import { folderOf, gather } from './gather.ts';
import { hadoopStore } from './hadoop_store.ts';
import { isLocal, type Location } from './location.ts';
import { openStore } from './open_store.ts';
import { type ColdSite, isUnsettled, ownFiles, ownStore, settleDay } from './settle.ts';

/** A moved day: its number of files at the place, and their bytes. */
export interface MovedDay {
  date: string;
  files: number;
  bytes: number;
  to: Location;
}

/** Throws unless all days before it have ended. */
export function refuseRecent(before: string, nowMs: number): void {
  if (before < dayOf(nowMs)) return;
  throw new Error(`--before: ${before} is ${before === dayOf(nowMs) ? 'today' : 'in the future'} (days are UTC)`);
}

/** Throws if the archive cannot be moved there, with a message for the user. */
export function checkTarget(archiveDir: string, to: Location): void {
  if (!isLocal(to)) return;
  const archive = realpathSync(archiveDir);
  const real = realPath(to);
  if (real === archive || real.startsWith(`${archive}/`)) throw new Error(`--to: ${to} lies inside the archive`);
  const probe = join(to, `.probe-${process.pid}`);
  try {
    makeFolder(to);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    throw new Error(`--to: cannot write to ${to}: ${(error as Error).message}`, { cause: error });
  }
}

/** Node's own recursive mkdir hangs in /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

const realPath = (path: string): string =>
  existsSync(path) ? realpathSync(path) : join(realPath(dirname(path)), path.slice(dirname(path).length));

/** Event days before a date that are not at their location yet, in order. */
export function daysToMove(archiveDir: string, before: string, to: Location): string[] {
  const folder = join(archiveDir, 'clicks');
  const own = (existsSync(folder) ? readdirSync(folder) : []).map((name) => name.slice('dt='.length)).filter(isDay);
  const days = [...new Set([...own, ...movedDays(archiveDir)])].filter((day) => day < before).sort();
  return days.filter((day) => {
    const home = readDayLocation(archiveDir, day);
    if (home === null) return ownFiles(archiveDir, day).length > 0;
    return home.location !== to || isUnsettled(archiveDir, day);
  });
}

/**
 * Moves the days before a date, one after the other, and reports each. A locked day is skipped and named at the end;
 * any other failure ends the move. If repeated, it resumes where it stopped.
 */
export async function moveDays(
  site: ColdSite & LockSite,
  { before, to }: { before: string; to: Location },
  onMoved: (moved: MovedDay) => void,
): Promise<string[]> {
  repair(site.archiveDir, site.log);
  const busy: string[] = [];
  for (const day of daysToMove(site.archiveDir, before, to)) {
    try {
      const lock = await lockDay(site, day);
      try {
        onMoved(await moveDay(site, day, to, lock));
      } finally {
        lock.release();
      }
    } catch (error) {
      if (!(error instanceof DayBusyError)) throw error;
      busy.push(error.message);
    }
  }
  return busy;
}

/**
 * Copies come first; recording the day's location is the commit point; Hive and the removal of old copies follow.
 * @param onStep called after each step, where a kill may happen
 */
export async function moveDay(
  site: ColdSite,
  day: string,
  to: Location,
  lock: DayLock,
  onStep: (step: 'copied' | 'recorded') => void = () => {},
): Promise<MovedDay> {
  const { archiveDir, hive, log } = site;
  const store = openStore(to, hive);
  const whole = new Set<string>();
  if (isUnsettled(archiveDir, day)) await settleDay(site, day, lock);
  const home = readDayLocation(archiveDir, day);
  if (home?.location !== to) {
    const from = [ownStore(archiveDir), ...(home === null ? [] : [openStore(home.location, hive)])];
    await gather({ archiveDir, day, from, to: store, log, whole });
    onStep('copied');
    await seenByHive(site, day, to);
    lock.assertHeld();
    writeDayLocation(archiveDir, day, { location: to, before: home?.location ?? null, settled: false });
    onStep('recorded');
    await settleDay(site, day, lock, whole);
  }
  const sizes = [...(await store.sizes(folderOf(day))).values()];
  return { date: day, files: sizes.length, bytes: sizes.reduce((sum, bytes) => sum + bytes, 0), to };
}

/** A Hive on another machine would take a missing folder for an empty day. */
async function seenByHive({ hive }: ColdSite, day: string, to: Location): Promise<void> {
  const ours = await openStore(to, hive).sizes(folderOf(day));
  const seen = await hadoopStore(to, hive).sizes(folderOf(day));
  for (const [name, bytes] of ours) {
    if (seen.get(name) !== bytes) throw new Error(`--to: Hive's server does not see ${to}/${folderOf(day)}/${name}`);
  }
}
