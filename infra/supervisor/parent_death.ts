import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { type SpawnSpec, StartError } from './types.ts';

// Between fork and setpriv the parent may already have died; then no signal will come, but the parent id differs.
const STILL_MY_PARENT = '[ "$PPID" = "$0" ] && exec "$@"';

/** Wraps `spec` so that the kernel kills it when this process ends, however it ends. */
export function withParentDeathSignal(spec: SpawnSpec): { file: string; args: string[] } {
  const [file, ...args] = [
    // Outermost: a change of credentials would clear the parent-death signal.
    ...(spec.wrapper ?? []),
    'setpriv',
    '--pdeathsig',
    'KILL',
    'sh',
    '-c',
    STILL_MY_PARENT,
    String(process.pid),
    spec.file,
    ...spec.args,
  ] as [string, ...string[]];
  return { file, args };
}

/** Throws a StartError if this machine, or this thread, does not support the parent-death signal. */
export function checkParentDeathSignal(): void {
  // The kernel's signal follows the thread that started the process, not the process.
  if (!isMainThread) throw new StartError('the supervisor must run in the main thread');
  try {
    execFileSync('setpriv', ['--pdeathsig', 'KILL', 'true'], { stdio: 'ignore' });
  } catch {
    throw new StartError('setpriv was not found or is too old: install util-linux 2.33 or later (Linux only)');
  }
}

/** Runs a short command with a parent-death signal to its end. Rejects with its output when it fails. */
export async function runTied(spec: SpawnSpec): Promise<void> {
  const { file, args } = withParentDeathSignal(spec);
  await promisify(execFile)(file, args, { cwd: spec.cwd, env: spec.env, maxBuffer: 64 * 1024 * 1024 });
}
