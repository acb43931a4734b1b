// `npm run audit`: asks npm for known vulnerabilities in what is used in production: the packages of the platform and
// those of the embedded ClickHouse. Ends with 1 if there are some, and says so where npm cannot be asked: some mirrors
// do not answer this question.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { reportOf } from './vulnerability_report.mjs';

const FOLDERS = { 'the platform': '../../', 'the embedded ClickHouse': '../embedded/clickhouse/' };

for (const [what, folder] of Object.entries(FOLDERS)) {
  const { stdout, error } = spawnSync('npm', ['audit', '--omit=dev', '--package-lock-only', '--json'], {
    cwd: fileURLToPath(new URL(folder, import.meta.url)),
    encoding: 'utf8',
  });
  const { lines, isVulnerable } = reportOf(error ? '' : stdout, error?.message);
  for (const line of lines) console.log(`${what}: ${line}`);
  if (isVulnerable) process.exitCode = 1;
}
