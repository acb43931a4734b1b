import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { count, day, time } from '../../domain/fields.ts';
import { readJsonIfThere, writeJsonAtomically } from '../../infra/files.ts';
import { isAlive } from '../../infra/is_alive.ts';

/** Progress of a nightly run. */
const nightProgress = z.object({
  started_at: time,
  /** Number of days that need a run; null while it waits for the archive. */
  days: count.nullable(),
  published: count,
  failed: count,
  /** The day in progress, the last completed step of its run, or what the night waits for, and when. */
  day: day.nullable(),
  step: z.string().nullable(),
  at: time,
});
export type NightProgress = z.infer<typeof nightProgress>;

const nightFile = z.object({ pid: z.int().min(1), ...nightProgress.shape });

const pathOf = (archiveDir: string): string => join(archiveDir, 'night.json');

export const writeProgress = (archiveDir: string, progress: NightProgress): void =>
  writeJsonAtomically(pathOf(archiveDir), { pid: process.pid, ...progress });

export const endProgress = (archiveDir: string): void => rmSync(pathOf(archiveDir), { force: true });

/** Null while no nightly run is in progress on this machine. */
export function readProgress(archiveDir: string): NightProgress | null {
  const file = readJsonIfThere(nightFile, pathOf(archiveDir));
  if (file === null) return null;
  const { pid, ...progress } = file;
  return isAlive(pid) ? progress : null;
}
