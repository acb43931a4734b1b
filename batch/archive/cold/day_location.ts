import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDay } from '../../../domain/time.ts';
import { readJsonIfThere, writeJsonAtomically } from '../../../infra/files.ts';
import type { Location } from './location.ts';

/**
 * Where the files of a day belong that was moved out of the archive. From the moment this is on record all of the day's
 * files that were there are at `location` too, whole; only then do their old copies go. Files that are archived later
 * begin in the archive and are brought after.
 */
export interface DayLocation {
  location: Location;
  /** Where the day was moved to before, and may still have copies. */
  before: Location | null;
  /** Hive reads it at its location, and the copies elsewhere are gone. */
  settled: boolean;
}

const FOLDER = 'moved';
const pathOf = (archiveDir: string, day: string): string => join(archiveDir, FOLDER, `${day}.json`);

/** Null: the day lives in the archive itself. */
export const readDayLocation = (archiveDir: string, day: string): DayLocation | null =>
  readJsonIfThere<DayLocation>(pathOf(archiveDir, day));

export function writeDayLocation(archiveDir: string, day: string, home: DayLocation): void {
  mkdirSync(join(archiveDir, FOLDER), { recursive: true });
  writeJsonAtomically(pathOf(archiveDir, day), home);
}

/** Days that were moved, in order. */
export function movedDays(archiveDir: string): string[] {
  const folder = join(archiveDir, FOLDER);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => name.replace(/\.json$/, ''))
    .filter(isDay)
    .sort();
}
