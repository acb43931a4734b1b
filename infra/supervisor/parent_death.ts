import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { type SpawnSpec, StartError } from './types.ts';

// Between fork and setpriv the parent may have died already; then no signal will come, but the parent is another one.
const STILL_MY_PARENT = '[ "$PPID" = "$0" ] && exec "$@"';

/** The command that runs `spec` so that the kernel kills it when this process ends, however it ends. */
export function withParentDeathSignal(spec: SpawnSpec): { file: string; args: string[] } {
  const [file, ...args] = [
    // Outermost: a change of credentials would undo the leash.
    ...(spec.wrapper ?? []),
    ...['setpriv', '--pdeathsig', 'KILL', 'sh', '-c', STILL_MY_PARENT, String(process.pid), spec.file],
    ...spec.args,
  ] as [string, ...string[]];
  return { file, args };
}

/** Throws a StartError when this machine, or this thread, cannot leash processes. */
export function checkParentDeathSignal(): void {
  // The kernel's signal follows the thread that started the process, not the process.
  if (!isMainThread) throw new StartError('the supervisor must run in the main thread');
  try {
    execFileSync('setpriv', ['--pdeathsig', 'KILL', 'true'], { stdio: 'ignore' });
  } catch {
    throw new StartError('setpriv was not found or is too old: install util-linux 2.33 or later (Linux only)');
  }
}

/** Runs a short command on a leash to its end. Rejects with its output when it fails. */
export async function runTied(spec: SpawnSpec): Promise<void> {
  const { file, args } = withParentDeathSignal(spec);
  await promisify(execFile)(file, args, { cwd: spec.cwd, env: spec.env, maxBuffer: 64 * 1024 * 1024 });
}
