import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const VERSION = '4.32.5';

/** Installs schemathesis into its own virtual environment, and runs it against an API on real engines. */
const venv = join(homedir(), '.cache', 'clickledger', `schemathesis-${VERSION}`);
const program = join(venv, 'bin', 'schemathesis');

const run = (file: string, args: string[], env: NodeJS.ProcessEnv = {}): void => {
  const { status, error } = spawnSync(file, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
};

if (!existsSync(program)) {
  run('python3', ['-m', 'venv', venv]);
  run(join(venv, 'bin', 'pip'), ['install', '--quiet', `schemathesis==${VERSION}`]);
}
run('npx', ['vitest', 'run', '--project', 'engines', 'serving/api/schemathesis'], { SCHEMATHESIS: program });
