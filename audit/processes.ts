import type { Config } from '../infra/config.ts';
import { isAlive } from '../infra/is_alive.ts';
import { ROLES, type RoleFile, readRoleFile } from '../infra/role.ts';
import { readPlatformState } from '../infra/supervisor/state_file.ts';

export interface ProcessStatus {
  name: string;
  pid: number | null;
  state: string;
  /** URL of a role's Prometheus metrics. */
  metrics?: string;
}

/** Roles and embedded engines on this DATA_DIR: from the supervisor if one runs, else from roles started separately. */
export function processes(config: Config): ProcessStatus[] {
  const supervised = readPlatformState(config.dataDir)?.processes;
  if (!supervised) {
    return ROLES.flatMap((role) => {
      const file = roleFile(config, role);
      return file && isAlive(file.pid)
        ? [{ name: role, pid: file.pid, state: file.ready ? 'ready' : 'starting', metrics: file.metricsUrl }]
        : [];
    });
  }
  return supervised.map(({ name, pid, state }) => {
    const file = roleFile(config, name);
    return { name, pid, state, ...(file?.pid === pid && { metrics: file.metricsUrl }) };
  });
}

function roleFile(config: Config, role: string): RoleFile | null {
  try {
    return readRoleFile(config.dataDir, role);
  } catch {
    return null;
  }
}
