import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeJsonAtomically } from '../../infra/files.ts';
import { isAlive } from '../../infra/is_alive.ts';

/** Progress of a nightly run. Times are ISO 8601. */
export interface NightProgress {
  started_at: string;
  /** Number of days that need a run; null while it waits for the archive. */
  days: number | null;
  published: number;
  failed: number;
  /** The day in progress, the last completed step of its run, or what the night waits for, and when. */
  day: string | null;
  step: string | null;
  at: string;
}

const pathOf = (archiveDir: string): string => join(archiveDir, 'night.json');

export const writeProgress = (archiveDir: string, progress: NightProgress): void =>
  writeJsonAtomically(pathOf(archiveDir), { pid: process.pid, ...progress });

export const endProgress = (archiveDir: string): void => rmSync(pathOf(archiveDir), { force: true });

/** Null while no nightly run is in progress on this machine. */
export function readProgress(archiveDir: string): NightProgress | null {
  const path = pathOf(archiveDir);
  if (!existsSync(path)) return null;
  const { pid, ...progress } = JSON.parse(readFileSync(path, 'utf8')) as NightProgress & { pid: number };
  return isAlive(pid) ? progress : null;
}
