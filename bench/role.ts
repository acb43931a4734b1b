import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RoleFile, RoleName } from '../infra/role.ts';
import type { SpawnSpec } from '../infra/supervisor/types.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * One of our commands in a separate process, as in production.
 * @param code the sources of another commit to run it from; null for this checkout
 */
export const command = (
  args: string[],
  dataDir: string,
  settings: Record<string, string>,
  code: string | null = null,
): SpawnSpec => ({
  file: process.execPath,
  args: [join(code ?? ROOT, 'cli', 'clickledger.mjs'), ...args],
  env: { ...process.env, DATA_DIR: dataDir, ...settings, CLICKLEDGER_SUPERVISED: '1' },
  cwd: dataDir,
  stdin: 'pipe',
});

/** Whether the role has reported that it is ready. */
export function isReady(role: RoleName, dataDir: string, pid: number): boolean {
  try {
    const file: RoleFile = JSON.parse(readFileSync(join(dataDir, 'run', `${role}.json`), 'utf8'));
    return file.pid === pid && file.ready;
  } catch {
    return false;
  }
}
