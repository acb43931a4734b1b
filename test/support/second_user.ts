import { spawnSync } from 'node:child_process';

/** Only root can switch to another user. */
export const mayBeSomebodyElse = process.getuid?.() === 0;

const NOBODY = 65_534;

/**
 * Runs a command as another user of this machine, optionally in one more group.
 * @param input its standard input
 */
export function asSecondUser(
  command: string[],
  group?: number,
  input = '',
): { code: number | null; stdout: string; stderr: string } {
  const groups = group === undefined ? ['--clear-groups'] : [`--groups=${group}`];
  const ids = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, ...groups];
  const options = { encoding: 'utf8', cwd: '/', input, maxBuffer: 2 ** 24 } as const;
  const { status, stdout, stderr, error } = spawnSync('setpriv', [...ids, ...command], options);
  if (error) throw error;
  return { code: status, stdout, stderr };
}

/** Files and folders, below a folder and itself, that such a user can read or change. */
export function reachable(folder: string, group?: number): string[] {
  const { stdout } = asSecondUser(
    ['find', folder, '-not', '-type', 'l', '(', '-readable', '-o', '-writable', ')'],
    group,
  );
  return stdout.split('\n').filter((line) => line !== '');
}
