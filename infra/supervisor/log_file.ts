import { copyFileSync, mkdirSync, openSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

/** A process keeps its log and this many older ones of this size. */
const LARGEST_BYTES = 10 * 1024 * 1024;
const OLDER_FILES = 4;
const FOLDERS = { engine: 'logs-engines', role: 'logs-roles' } as const;

export const logPath = (dataDir: string, kind: 'engine' | 'role', name: string): string =>
  join(dataDir, FOLDERS[kind], `${name}.log`);

/** Opens a process's log for appending. */
export function openLog(dataDir: string, kind: 'engine' | 'role', name: string): number {
  mkdirSync(join(dataDir, FOLDERS[kind]), { recursive: true });
  const path = logPath(dataDir, kind, name);
  rotateLog(path);
  return openSync(path, 'a');
}

/**
 * Moves a log that has grown too large to `<name>.log.1`, that one to `.2`, and so on. Its process writes on through a
 * descriptor that no other can replace, so the contents are copied and the file is emptied: it is open for appending, so
 * the next line is its first. Lines of the moment between the two are lost.
 */
export function rotateLog(path: string, largestBytes = LARGEST_BYTES, olderFiles = OLDER_FILES): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= largestBytes) return;
  rmSync(`${path}.${olderFiles}`, { force: true });
  for (let n = olderFiles - 1; n >= 1; n--) {
    if (statSync(`${path}.${n}`, { throwIfNoEntry: false })) renameSync(`${path}.${n}`, `${path}.${n + 1}`);
  }
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
}
