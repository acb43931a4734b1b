import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLog } from './log_file.ts';
import { withParentDeathSignal } from './parent_death.ts';
import type { SpawnSpec } from './types.ts';

const POLL_MS = 20;
const GROUP_END_LIMIT_MS = 2_000;

export interface RunningProcess {
  pid: number | undefined;
  /** Resolves to the reason when it, and every process left in its group, has ended. */
  ended: Promise<string>;
  stop(limitMs: number): Promise<void>;
  kill(reason: string): void;
}

/**
 * Starts a process with a parent-death signal, in its own process group: a Ctrl-C at the terminal reaches only the
 * supervisor.
 */
export function startProcess(
  spec: SpawnSpec,
  output: { dataDir: string; kind: 'engine' | 'role'; name: string },
): RunningProcess {
  const { file, args } = withParentDeathSignal(spec);
  const log = openLog(output.dataDir, output.kind, output.name);
  const child = spawn(file, args, {
    cwd: spec.cwd,
    env: spec.env,
    detached: true,
    stdio: [spec.stdin ?? 'ignore', log, log],
  });
  closeSync(log);
  child.stdin?.on('error', () => {});
  let killReason: string | undefined;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(killReason ?? `ended with ${signal ?? `exit code ${code}`}`));
  }).finally(() => endGroup(child.pid));

  return {
    pid: child.pid,
    ended,
    kill(reason) {
      killReason = reason;
      killGroup(child.pid);
    },
    async stop(limitMs) {
      child.stdin?.end();
      child.kill('SIGTERM');
      const timer = setTimeout(() => killGroup(child.pid), limitMs);
      await ended.finally(() => clearTimeout(timer));
    },
  };
}

/** Kills what the process left in its group, and waits (not for ever: a zombie counts too) until it has ended. */
async function endGroup(pid: number | undefined): Promise<void> {
  for (let waitedMs = 0; killGroup(pid) && waitedMs < GROUP_END_LIMIT_MS; waitedMs += POLL_MS) await sleep(POLL_MS);
}

/** Whether there was anything to kill. */
function killGroup(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    return false;
  }
}
