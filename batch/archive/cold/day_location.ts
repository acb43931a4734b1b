import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isDay } from '../../../domain/time.ts';
import { readJsonIfThere, writeJsonAtomically } from '../../../infra/files.ts';

/**
 * Where the files of a day belong that was moved out of the archive. From the moment this is on record all of the day's
 * files that were there are at `location` too, whole; only then do their old copies go. Files that are archived later
 * begin in the archive and are brought after.
 */
const dayLocation = z.object({
  location: z.string(),
  /** Where the day was moved to before, and may still have copies. */
  before: z.string().nullable(),
  /** Hive reads it at its location, and the copies elsewhere are gone. */
  settled: z.boolean(),
});
export type DayLocation = z.infer<typeof dayLocation>;

const FOLDER = 'moved';
const pathOf = (archiveDir: string, day: string): string => join(archiveDir, FOLDER, `${day}.json`);

/** Null: the day lives in the archive itself. */
export const readDayLocation = (archiveDir: string, day: string): DayLocation | null =>
  readJsonIfThere(dayLocation, pathOf(archiveDir, day));

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
