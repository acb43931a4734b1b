import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Hive } from '../../../infra/clients/hive.ts';
import { dayPartitions, fillHive, hiveDay, hiveLocation } from '../../../infra/hive_statement.ts';
import type { Log } from '../../../infra/log.ts';
import { sql } from '../../../infra/sql.ts';
import type { DayLock } from '../../day/lock.ts';
import { dayFolder } from '../files/layout.ts';
import { type DayLocation, readDayLocation, writeDayLocation } from './day_location.ts';
import { folderOf, gather } from './gather.ts';
import { localStore } from './local_store.ts';
import { openStore } from './open_store.ts';
import type { Store } from './store.ts';

const SQL = { add: sql('hive/archive_days.sql'), place: sql('hive/archive_place_day.sql') };

/** Everything needed to move days. */
export interface ColdSite {
  archiveDir: string;
  hive: Pick<Hive, 'execute' | 'rows'>;
  log: Log;
}

/** Where a day's files may be besides its recorded location. */
export const ownStore = (archiveDir: string): Store => localStore(join(archiveDir, 'clicks'));

/**
 * Completes the move of a day to its recorded location: files archived since follow the others, Hive reads it there,
 * copies elsewhere are removed. Does nothing for a day that was not moved. May be interrupted and repeated.
 * @param whole names of files that were just verified in their place
 */
export async function settleDay(site: ColdSite, day: string, lock: DayLock, whole = new Set<string>()): Promise<void> {
  const { archiveDir, hive, log } = site;
  const home = readDayLocation(archiveDir, day);
  if (home === null) return;
  const to = openStore(home.location, hive);
  const from = [ownStore(archiveDir), ...(home.before === null ? [] : [openStore(home.before, hive)])];
  const old = await gather({ archiveDir, day, from, to, log, whole });
  await placeInHive(site, day, home);
  lock.assertHeld();
  for (const { store, path } of old) await store.remove(path);
  if (!home.settled) writeDayLocation(archiveDir, day, { location: home.location, before: null, settled: true });
}

/** Whether settleDay may have something to do, judged from local files only. */
export function isUnsettled(archiveDir: string, day: string): boolean {
  const home = readDayLocation(archiveDir, day);
  if (home === null) return false;
  return !home.settled || ownFiles(archiveDir, day).length > 0;
}

export function ownFiles(archiveDir: string, day: string): string[] {
  try {
    return readdirSync(join(archiveDir, dayFolder(day)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function placeInHive({ hive }: ColdSite, day: string, { location }: DayLocation): Promise<void> {
  const path = `${location}/${folderOf(day)}`;
  await hive.execute(fillHive(SQL.add, { partitions: dayPartitions([{ day, path }]) }));
  await hive.execute(fillHive(SQL.place, { day: hiveDay(day), location: hiveLocation(path) }));
}
