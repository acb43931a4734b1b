import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import { COMPARABLE, runAgainst } from '../bench/against/against.ts';
import { commitOf } from '../bench/against/checkout.ts';
import { BENCHMARKS } from '../bench/benchmarks.ts';
import { comparisonTable, section } from '../bench/print.ts';
import { recordIn } from '../bench/record.ts';
import { run } from '../bench/run.ts';
import type { Benchmark } from '../bench/types.ts';
import type { LineFormat } from '../infra/traffic/lines.ts';
import { timedLines } from './timed_lines.ts';

const RESULTS = fileURLToPath(new URL('../bench/results/', import.meta.url));

/** Many clicks per group; with 100,000 ads nearly every click is its own group. */
const ADS = 2_000;

interface Options {
  scale: number;
  ads?: number;
  format?: LineFormat;
  against?: string;
  record?: boolean;
  json?: boolean;
}

export const benchCommand = (): Command =>
  new Command('bench')
    .argument('[name]', 'which one', benchmarkOf)
    .option('--scale <n>', 'multiply the rows (and the time) by this', scaleOf, 1)
    .option(
      '--ads <n>',
      `number of ads that share the clicks, unless a benchmark has its own mix (default: ${ADS})`,
      adsOf,
    )
    .addOption(
      new Option('--format <format>', 'of the log lines that "tail" reads (default: text)').choices(['text', 'json']),
    )
    .option(
      '--against <ref>',
      'compare with our own code of another commit instead of the peer: at most 5 % more expensive?',
    )
    .option('--record', 'write the result into a file of its own in bench/results/')
    .option('--json', 'print one JSON document: {name, ours, peer, ratio, …}')
    .addHelpText('after', `\nWith --against: ${COMPARABLE.join(', ')}. Exit code 1: more expensive than that.`)
    .action(async (benchmark: Benchmark | undefined, options: Options, command: Command) => {
      const { scale, ads, format, against, record, json } = options;
      if (!benchmark) return void process.stdout.write(json ? listJson() : list());
      if (ads !== undefined && !benchmark.takesAds) command.error(`--ads: ${benchmark.name} has a mix of its own`);
      if (format !== undefined && !benchmark.takesFormat)
        command.error(`--format: ${benchmark.name} has no choice of it`);
      if (against !== undefined) checkAgainst(benchmark, against, command);
      const report = timedLines();
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new Error(signal)));
      const how = { scale, ads: ads ?? ADS, format: format ?? 'text', report, stopped: stop.signal };
      const result = await (against === undefined ? run(benchmark, how) : runAgainst(benchmark, against, how));
      if (against !== undefined && !result.targets.every(({ reached }) => reached)) process.exitCode = 1;
      if (record) report(`recorded in ${recordIn(RESULTS, benchmark.name, section(result), Date.now())}`);
      process.stdout.write(json ? `${JSON.stringify(result)}\n` : comparisonTable(result));
    });

function checkAgainst({ name }: Benchmark, ref: string, command: Command): void {
  if (!COMPARABLE.includes(name)) {
    command.error(`--against: ${name} cannot be compared with another commit; these can: ${COMPARABLE.join(', ')}`);
  }
  try {
    commitOf(ref);
  } catch (error) {
    command.error(`--against: ${(error as Error).message}`);
  }
}

function list(): string {
  const width = Math.max(...BENCHMARKS.map(({ name }) => name.length));
  return BENCHMARKS.map(({ name, about }) => `${name.padEnd(width)}  ${about}\n`).join('');
}
const listJson = (): string => `${JSON.stringify(BENCHMARKS.map(({ name, about }) => ({ name, about })))}\n`;

function benchmarkOf(text: string): Benchmark {
  const found = BENCHMARKS.find(({ name }) => name === text);
  if (found) return found;
  throw new InvalidArgumentError(`There are: ${BENCHMARKS.map(({ name }) => name).join(', ')}.`);
}

function adsOf(text: string): number {
  const ads = Number(text);
  if (/^\d+$/.test(text) && ads > 0 && ads <= 1_000_000) return ads;
  throw new InvalidArgumentError('Expected a number from 1 to 1000000.');
}

function scaleOf(text: string): number {
  const scale = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && scale > 0 && scale <= 1000) return scale;
  throw new InvalidArgumentError('Expected a number from above 0 to 1000.');
}
