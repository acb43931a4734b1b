import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { readPlatformConfig } from '../infra/platform_config.ts';
import { writeTraffic } from '../infra/traffic/traffic.ts';

interface Options {
  rate: number;
  seconds: number;
  ads: number;
  seed: number;
  out?: string;
  json?: boolean;
}

export const generateCommand = (): Command =>
  new Command('generate')
    .option('--rate <n>', 'clicks a second', positive, 100)
    .option('--seconds <n>', 'how long', positive, 10)
    .option('--ads <n>', 'how many ads; the n-th is clicked 1/n as often as the first', wholeNumber(1), 200)
    .option('--seed <n>', 'the same seed gives the same clicks', wholeNumber(0), 1)
    .option('--out <file>', 'the log (default: sample.log in DATA_DIR/logs)')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nOf other kinds that are run: about 50 impressions to a click, and a conversion to 20 clicks.',
    )
    .action(async ({ rate, seconds, ads, seed, out, json }: Options) => {
      const { dataDir, eventKinds } = await readPlatformConfig(process.env);
      const file = out === undefined ? join(dataDir, 'logs', 'sample.log') : resolve(out);
      const beside = eventKinds.filter((kind) => kind !== 'click');
      const { lines } = await writeTraffic({ file, rate, seconds, ads, seed, beside });
      process.stdout.write(json ? `${JSON.stringify({ lines, file })}\n` : `${lines} lines appended to ${file}\n`);
    });

function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError('not a positive number');
  return value;
}

function wholeNumber(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > 10_000_000) {
      throw new InvalidArgumentError(`not a whole number from ${min} to 10000000`);
    }
    return value;
  };
}
