#!/usr/bin/env node
// Starts the program built from the sources; only this file must run without any installed package.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { bundledProgram } from '../infra/setup/bundle.mjs';
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
const program = await bundledProgram().catch((error) => {
  if (!(error instanceof SetupError)) throw error;
  console.error(`clickledger: ${error.message}`);
  process.exit(1);
});
process.setSourceMapsEnabled(true);
await import(program);
