import { chmodSync, chownSync, mkdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '../supervisor/types.ts';
import { entriesOf, isLink } from './entries.ts';

const ROOT = 0;
/** setgid: new files in the folder get the folder's group. */
const SHARED_FOLDER = 0o2770;
/** The folder in the archive where Hive creates files. */
const RUNS = 'runs';

/**
 * Throws a StartError if other users work in one of these folders. Closing it silently would be wrong: log lines could
 * no longer be written, or days no longer be counted.
 */
export function refuseOthers(dataDir: string, names: string[]): void {
  for (const name of names) {
    const folder = join(dataDir, name);
    if (name === 'logs' && isLink(folder)) continue;
    const mode = statSync(folder, { throwIfNoEntry: false })?.mode ?? 0;
    const other = mode & 0o002 ? 'every user' : ownerOfAnother(name === 'archive' ? join(folder, RUNS) : folder);
    if (other === undefined) continue;
    throw new StartError(
      `DATA_GROUP: ${folder} is used by ${other}, and DATA_DIR is closed to other users: name a group that has them and you`,
    );
  }
}

function ownerOfAnother(folder: string): string | undefined {
  for (const { path, stats } of entriesOf(folder)) {
    // Root reads and writes everywhere.
    if (stats.uid !== process.getuid?.() && stats.uid !== ROOT) return `user ${stats.uid} (${path})`;
    const inner = stats.isDirectory() ? ownerOfAnother(path) : undefined;
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** Opens a folder to a group. A linked `logs` is left unchanged: its target is not ours. */
export function share(folder: string, gid: number, { withContents }: { withContents: boolean }): void {
  if (!withContents && isLink(folder)) return;
  mkdirSync(folder, { recursive: true });
  const { gid: present, mode } = statSync(folder);
  if (present === gid && (mode & 0o7777) === SHARED_FOLDER) return;
  if (withContents) for (const { path, stats } of entriesOf(folder)) shareEntry(path, stats, gid);
  giveTo(folder, gid);
  // Last: it tells the next start that everything was done.
  chmodSync(folder, SHARED_FOLDER);
}

function shareEntry(path: string, stats: Stats, gid: number): void {
  const user = process.getuid?.();
  // Files that Hive created belong to it.
  if (stats.uid !== user && user !== ROOT) return;
  if (stats.isDirectory()) for (const entry of entriesOf(path)) shareEntry(entry.path, entry.stats, gid);
  giveTo(path, gid);
  const owner = stats.mode & 0o700;
  chmodSync(path, stats.isDirectory() ? SHARED_FOLDER : owner | (owner >> 3));
}

export function giveTo(path: string, gid: number): void {
  try {
    chownSync(path, -1, gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
    throw new StartError(
      `DATA_GROUP: ${path} cannot be given to group ${gid}: the user that runs clickledger must be in it`,
    );
  }
}
