#!/usr/bin/env node
// Starts the program built from the sources; only this file must run without any installed package.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { bundledProgram } from '../infra/setup/bundle.mjs';
import { ensureDashboard } from '../infra/setup/dashboard.mjs';
import { SetupError } from '../infra/setup/error.mjs';

const require = createRequire(import.meta.url);
const installed = () => {
  try {
    return require.resolve('esbuild') !== '';
  } catch {
    return false;
  }
};

if (!installed()) {
  const setup = fileURLToPath(new URL('../infra/setup/setup.mjs', import.meta.url));
  const { status } = spawnSync(process.execPath, [setup], { stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}
const [command, role] = process.argv.slice(2);
const servesPage = command === 'up' || (command === 'run' && role === 'api');
const log = (line) => console.error(line);
const built = Promise.all([bundledProgram(), servesPage && ensureDashboard({ log })]);
const [program] = await built.catch((error) => {
  if (!(error instanceof SetupError)) throw error;
  console.error(`clickledger: ${error.message}`);
  process.exit(1);
});
process.setSourceMapsEnabled(true);
await import(program);
