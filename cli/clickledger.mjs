#!/usr/bin/env node
// The sources are TypeScript and run as they are; only this file must start without any package installed.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const installed = () => {
  try {
    return require.resolve('tsx/esm/api') !== '';
  } catch {
    return false;
  }
};

if (!installed()) {
  const setup = fileURLToPath(new URL('../infra/setup/setup.mjs', import.meta.url));
  const { status } = spawnSync(process.execPath, [setup], { stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}
const { register } = await import('tsx/esm/api');
register();
await import('./main.ts');
