import { mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const LARGEST_BYTES = 50 * 1024 * 1024;
const FOLDERS = { engine: 'logs-engines', role: 'logs-roles' } as const;

export const logPath = (dataDir: string, kind: 'engine' | 'role', name: string): string =>
  join(dataDir, FOLDERS[kind], `${name}.log`);

/** Opens a process's log for appending; a file that has grown too large becomes `<name>.log.1` first. */
export function openLog(dataDir: string, kind: 'engine' | 'role', name: string): number {
  mkdirSync(join(dataDir, FOLDERS[kind]), { recursive: true });
  const path = logPath(dataDir, kind, name);
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LARGEST_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, 'a');
}
