import type { RoleName } from '../../infra/role.ts';
import { freePort } from '../../infra/supervisor/ports.ts';
import { eventually } from '../support/wait.ts';
import type { Docker } from './docker.ts';
import { SECRETS } from './host_engines.ts';
import { IMAGE } from './image.ts';

const HEALTHY_LIMIT_MS = 90_000;

export interface Site {
  docker: Docker;
  /** Label of every container of this run. */
  label: string;
  settings: Record<string, string>;
  /** The folder of the platform: the same path in the container, because Hive reads the archive in it. */
  dataDir: string;
  logs: string;
  secrets: string;
}

/** As docker-compose.yml starts them, but on the network of this machine. */
const optionsOf = ({ label, settings, dataDir, logs, secrets }: Site): string[] => [
  ...['--label', label, '--network', 'host', '--init', '--read-only', '--tmpfs', '/tmp:mode=1777,size=256m'],
  ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges:true', '--memory', '768m'],
  ...['--volume', `${dataDir}:${dataDir}`, '--volume', `${logs}:${logs}:ro`, '--volume', `${secrets}:${SECRETS}:ro`],
  ...Object.entries(settings).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
];

/** Starts a container of the role. Returns its name. */
export async function startRole(site: Site, role: RoleName, copy = 1): Promise<string> {
  const name = `${site.label}-${role}-${copy}`;
  const metrics = ['--env', `METRICS_LISTEN=127.0.0.1:${await freePort()}`];
  await site.docker.run('run', '--detach', '--name', name, ...optionsOf(site), ...metrics, IMAGE, 'run', role);
  return name;
}

/** Runs a command of the program to its end, in a container of its own. */
export const runCommand = (site: Site, ...args: string[]): Promise<string> =>
  site.docker.run('run', '--rm', ...optionsOf(site), IMAGE, ...args);

/** Rejects with the last lines of its log if it does not become healthy. */
export async function untilHealthy({ docker }: Site, name: string): Promise<void> {
  const state = () => docker.run('inspect', '--format', '{{.State.Running}} {{.State.Health.Status}}', name);
  try {
    await eventually(`${name} is healthy`, async () => (await state()) === 'true healthy', HEALTHY_LIMIT_MS);
  } catch (error) {
    throw new Error(`${name}: ${await state()}: ${(await docker.run('logs', '--tail', '5', name)).slice(-1_000)}`, {
      cause: error,
    });
  }
}
