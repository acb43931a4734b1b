import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RoleFile, RoleName } from '../infra/role.ts';
import { logPath } from '../infra/supervisor/log-file.ts';
import { startProcess } from '../infra/supervisor/process.ts';
import { until } from './until.ts';

const MAIN = fileURLToPath(new URL('../cli/clickledger.mjs', import.meta.url));
const STOP_LIMIT_MS = 12_000;
const SHOWN_LOG_CHARACTERS = 2_000;

export interface RunningRole {
  pid: number;
  ready: Promise<void>;
  /** Throws when it has ended, which nobody asked for. */
  check(): void;
  stop(): Promise<void>;
}

/** A role as a process of its own, as in production: `clickledger run <role>`. */
export function startRole(role: RoleName, settings: { DATA_DIR: string } & Record<string, string>): RunningRole {
  const dataDir = settings.DATA_DIR;
  const running = startProcess(
    {
      file: process.execPath,
      args: [MAIN, 'run', role],
      env: { ...process.env, ...settings, CLICKLEDGER_SUPERVISED: '1' },
      cwd: dataDir,
      stdin: 'pipe',
    },
    { dataDir, kind: 'role', name: role },
  );
  const pid = Number(running.pid);
  let ended: string | undefined;
  running.ended.then((reason) => {
    ended = reason;
  });
  const check = (): void => {
    if (ended === undefined) return;
    const said = readFileSync(logPath(dataDir, 'role', role), 'utf8').slice(-SHOWN_LOG_CHARACTERS);
    throw new Error(`${role} ${ended}:\n${said}`);
  };
  const isReady = async (): Promise<boolean> => {
    check();
    const file = roleFile(join(dataDir, 'run', `${role}.json`));
    return file?.pid === pid && file.ready;
  };
  return { pid, ready: until(`${role} is ready`, isReady), check, stop: () => running.stop(STOP_LIMIT_MS) };
}

function roleFile(path: string): RoleFile | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
