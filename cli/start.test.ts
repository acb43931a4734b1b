import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';

const PACKAGE = fileURLToPath(new URL('../package.json', import.meta.url));
/** Stands in for the platform: reports that it runs, and takes a moment to stop. */
const PROGRAM = `
const { writeFileSync } = await import('node:fs');
process.on('SIGTERM', () => setTimeout(() => { writeFileSync('stopped', ''); process.exit(0); }, 300));
writeFileSync('started', process.env.DEMO_TRAFFIC);
setInterval(() => {}, 1000);
`;

test('SIGTERM to npm start reaches the platform, and npm ends after it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'npm-start-'));
  for (const path of ['cli', 'infra/setup']) mkdirSync(join(folder, path), { recursive: true });
  cpSync(PACKAGE, join(folder, 'package.json'));
  writeFileSync(join(folder, 'cli', 'clickledger.mjs'), PROGRAM);
  writeFileSync(join(folder, 'infra', 'setup', 'setup.mjs'), '');
  const npm = spawn('npm', ['start'], { cwd: folder, stdio: 'ignore', env: { ...process.env, DEMO_TRAFFIC: '' } });
  const ended = new Promise((resolve) => npm.once('exit', resolve));
  await vi.waitUntil(() => existsSync(join(folder, 'started')), { timeout: 45_000 });
  npm.kill('SIGTERM');
  await ended;
  expect(existsSync(join(folder, 'stopped'))).toBe(true);
  expect(readFileSync(join(folder, 'started'), 'utf8')).toBe('on');
  rmSync(folder, { recursive: true });
});
