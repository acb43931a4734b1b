import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { BENCHMARKS } from '../bench/benchmarks.ts';
import { section, table } from '../bench/print.ts';
import { run } from '../bench/run.ts';
import type { Benchmark } from '../bench/types.ts';

const RESULTS = fileURLToPath(new URL('../bench/RESULTS.md', import.meta.url));

/** Groups of many clicks; with 100,000 nearly every click is a group of its own. */
const ADS = 2_000;

interface Options {
  scale: number;
  ads?: number;
  record?: boolean;
  json?: boolean;
}

export const benchCommand = (): Command =>
  new Command('bench')
    .description(
      'measure a part beside its peer: same machine, same data, in turn; without a name, list the benchmarks',
    )
    .argument('[name]', 'which one', benchmarkOf)
    .option('--scale <n>', 'so many times the rows (and the time)', scaleOf, 1)
    .option(
      '--ads <n>',
      `so many ads share the clicks, where a benchmark has no mix of its own (default: ${ADS})`,
      adsOf,
    )
    .option('--record', 'append the result to bench/RESULTS.md')
    .option('--json', 'print one JSON document: {name, ours, peer, ratio, …}')
    .action(async (benchmark: Benchmark | undefined, { scale, ads, record, json }: Options, command: Command) => {
      if (!benchmark) return void process.stdout.write(json ? listJson() : list());
      if (ads !== undefined && !benchmark.takesAds) command.error(`--ads: ${benchmark.name} has a mix of its own`);
      const startedAt = Date.now();
      const report = (line: string): void => {
        process.stderr.write(`${String(Math.round((Date.now() - startedAt) / 1000)).padStart(4)} s  ${line}\n`);
      };
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new Error(signal)));
      const result = await run(benchmark, { scale, ads: ads ?? ADS, report, stopped: stop.signal });
      if (record) appendFileSync(RESULTS, `\n${section(result)}`);
      process.stdout.write(json ? `${JSON.stringify(result)}\n` : table(result));
    });

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
