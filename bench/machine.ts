import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { round } from './arithmetic.ts';

export interface Machine {
  cores: number;
  cpu: string;
  memory_gb: number;
  node: string;
  /** One-minute load average; other work on the machine affects the figures. */
  load: number;
  /** Short hash, with a plus if files were changed; null outside of a clone. */
  commit: string | null;
}

export const thisMachine = (): Machine => ({
  cores: availableParallelism(),
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  memory_gb: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  load: round(loadavg()[0] ?? 0, 2),
  commit: commit(),
});

function commit(): string | null {
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return (
      git('rev-parse', '--short', 'HEAD') +
      (git('status', '--porcelain', '--untracked-files=no', ':/', ':!RESULTS.md', ':!results') ? '+' : '')
    );
  } catch {
    return null;
  }
}
