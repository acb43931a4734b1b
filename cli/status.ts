import { clearScreenDown, cursorTo } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { WriteStream } from 'node:tty';
import { Command, Option } from 'commander';
import { readStatus } from '../audit/status.ts';
import type { Config } from '../infra/config.ts';
import { readPlatformConfig } from '../infra/platform_config.ts';
import { statusText } from './text/status.ts';

const EVERY_MS = 2_000;

export const statusCommand = (): Command =>
  new Command('status')
    .option('--json', 'print one JSON document')
    .addOption(
      new Option('--watch', 'at a terminal: again every two seconds, in place, until Ctrl-C').conflicts('json'),
    )
    .action(async ({ json, watch }: { json?: true; watch?: true }) => {
      if (watch && !process.stdout.isTTY) {
        throw new Error(
          '--watch: standard output is no terminal; without it status is printed once, with --json for programs',
        );
      }
      const config = await readPlatformConfig(process.env);
      if (watch) return watchStatus(config, process.stdout);
      const status = await readStatus(config);
      process.stdout.write(json ? `${JSON.stringify(status)}\n` : statusText(status));
      // Clients without a reachable engine keep retrying in the background.
      process.exit(0);
    });

async function watchStatus(config: Config, terminal: WriteStream): Promise<never> {
  process.once('SIGINT', () => {
    terminal.write('\n');
    process.exit(0);
  });
  for (let isFirst = true; ; isFirst = false) {
    const startedMs = performance.now();
    const text = await readStatus(config).then(statusText, (error: Error) => `no status: ${error.message}`);
    cursorTo(terminal, 0, 0);
    if (isFirst) clearScreenDown(terminal);
    terminal.write(screenOf(text, new Date(), terminal));
    clearScreenDown(terminal);
    await delay(Math.max(0, EVERY_MS - (performance.now() - startedMs)));
  }
}

const TO_END_OF_LINE = '\u001b[K';

/** As much of the text as fits, each line over what stood there before: a screen that is cleared first flickers. */
export function screenOf(text: string, at: Date, { columns, rows }: Pick<WriteStream, 'columns' | 'rows'>): string {
  const all = [`${at.toISOString()}   Ctrl-C ends it`, ...text.trimEnd().split('\n')];
  const isCut = all.length > rows - 1;
  const shown = isCut ? [...all.slice(0, rows - 2), `… ${all.length - rows + 2} more lines`] : all;
  return shown.map((line) => `${line.slice(0, columns - 1)}${TO_END_OF_LINE}`).join('\n');
}
