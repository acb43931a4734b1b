import { Command } from 'commander';
import { readStatus } from '../audit/status.ts';
import { readPlatformConfig } from '../infra/platform_config.ts';
import { statusText } from './text/status.ts';

export const statusCommand = (): Command =>
  new Command('status').option('--json', 'print one JSON document').action(async ({ json }: { json?: boolean }) => {
    const status = await readStatus(await readPlatformConfig(process.env));
    process.stdout.write(json ? `${JSON.stringify(status)}\n` : statusText(status));
    // Clients without a reachable engine keep retrying in the background.
    process.exit(0);
  });
