import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeJsonAtomically } from '../../infra/files.ts';
import { isAlive } from '../../infra/is_alive.ts';

/** How far a night is. Times are ISO 8601. */
export interface NightProgress {
  started_at: string;
  /** That need a run; null while the archive is waited for. */
  days: number | null;
  published: number;
  failed: number;
  /** What is at work now, the last step that its run has done, and when. */
  day: string | null;
  step: string | null;
  at: string;
}

const pathOf = (archiveDir: string): string => join(archiveDir, 'night.json');

export const writeProgress = (archiveDir: string, progress: NightProgress): void =>
  writeJsonAtomically(pathOf(archiveDir), { pid: process.pid, ...progress });

export const endProgress = (archiveDir: string): void => rmSync(pathOf(archiveDir), { force: true });

/** Null while no night is under way on this machine. */
export function readProgress(archiveDir: string): NightProgress | null {
  const path = pathOf(archiveDir);
  if (!existsSync(path)) return null;
  const { pid, ...progress } = JSON.parse(readFileSync(path, 'utf8')) as NightProgress & { pid: number };
  return isAlive(pid) ? progress : null;
}
