import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isDay } from '../../../domain/time.ts';
import { readJsonIfThere, writeJsonAtomically } from '../../../infra/files.ts';

/**
 * The location of a day that was moved out of the archive. Once this is recorded, all of the day's files at that time
 * are completely at `location` too; only then are their old copies removed. Files archived later start in the archive
 * and are moved afterwards.
 */
const dayLocation = z.object({
  location: z.string(),
  /** The previous location, which may still have copies. */
  before: z.string().nullable(),
  /** Hive reads the day at its location, and the copies elsewhere are removed. */
  settled: z.boolean(),
});
export type DayLocation = z.infer<typeof dayLocation>;

const FOLDER = 'moved';
const pathOf = (archiveDir: string, day: string): string => join(archiveDir, FOLDER, `${day}.json`);

/** Null: the day is in the archive itself. */
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
