import type { LineFormat } from '../infra/traffic/lines.ts';
import { median } from './arithmetic.ts';
import { compareSides, isReached, type Rounds } from './compare.ts';
import { type Machine, thisMachine } from './machine.ts';
import { BenchSite } from './site.ts';
import type { Against, Benchmark, BenchTarget, Comparison, Round, RunRound, Runs } from './types.ts';
import { type Yardstick, yardstick, yardstickLine } from './yardstick.ts';

const FEWEST_ROUNDS = 3;
const MOST_ROUNDS = 5;
/** More rounds improve the medians, as long as the total stays well under five minutes. */
const BUDGET_MS = 180_000;

export interface Result extends Comparison {
  name: string;
  about: string;
  /** The commit compared with; null if the peer is something else. */
  against: Against | null;
  /** Rows per round, and rounds of each side without the warm-up. */
  rows: number;
  /** Number of ads that share the clicks evenly; null if the benchmark has its own mix. */
  ads: number | null;
  /** The form of the log lines that are read; null if it has no choice. */
  format: LineFormat | null;
  rounds: number;
  targets: (BenchTarget & { reached: boolean })[];
  machine: Machine;
  /** The host's speed, measured while the benchmark is idle: it may change within a run, too. */
  yardstick: { before: Yardstick; after: Yardstick };
  date: string;
  seconds: number;
}

export interface Options {
  /** Multiplies the rows. */
  scale: number;
  ads: number;
  format: LineFormat;
  report(line: string): void;
  stopped: AbortSignal;
}

/** Runs both sides in turn on separate engines, and compares them; the first round of each is warm-up. */
export async function run(benchmark: Benchmark, { scale, ads, format, report, stopped }: Options): Promise<Result> {
  const startedAt = Date.now();
  const machine = thisMachine();
  const before = await yardstick();
  report(`host: ${yardstickLine(before)}`);
  const rows = Math.round(benchmark.rows * scale);
  const site = await BenchSite.open(benchmark.engines, report, benchmark.clickhouseConfig, benchmark.eventKinds);
  const stop = (): void => void site.close();
  stopped.addEventListener('abort', stop);
  let rounds: Rounds | undefined;
  try {
    stopped.throwIfAborted();
    report(`${benchmark.engines.join(' and ')} ready; ${rows} rows a round`);
    const turns = turnsOf(await benchmark.prepare(site, { rows, ads, format, report }));
    rounds = turns.rounds;
    const pairMs: number[] = [];
    const isDue = (pair: number): boolean => {
      if (benchmark.once) return pair === 1;
      if (benchmark.rounds !== undefined) return pair <= benchmark.rounds;
      return isPairDue(pair, Date.now() - startedAt, pairMs, scale);
    };
    for (let pair = benchmark.once ? 1 : 0; isDue(pair); pair++) {
      const pairStartedAt = Date.now();
      // The last side of one round is the first of the next.
      for (const { name, run, done } of pair % 2 === 0 ? turns.all : turns.all.toReversed()) {
        stopped.throwIfAborted();
        const round = await run();
        if (pair > 0) done.push(round);
        report(`${pair === 0 ? 'warm-up' : `round ${pair}`}, ${name}: ${speeds(round)}`);
      }
      pairMs.push(Date.now() - pairStartedAt);
    }
  } catch (error) {
    // Failures caused by stopping are not reported.
    stopped.throwIfAborted();
    throw error;
  } finally {
    stopped.removeEventListener('abort', stop);
    await site.close();
  }
  const after = await yardstick();
  report(`host: ${yardstickLine(after)}`);
  const comparison = compareSides(benchmark.sides, rounds);
  return {
    name: benchmark.name,
    about: benchmark.about,
    against: benchmark.against ?? null,
    rows,
    ads: benchmark.takesAds ? ads : null,
    format: benchmark.takesFormat ? format : null,
    rounds: rounds.ours.length,
    ...comparison,
    targets: benchmark.targets(comparison).map((target) => ({ ...target, reached: isReached(target) })),
    machine,
    yardstick: { before, after },
    date: new Date(startedAt).toISOString(),
    seconds: Math.round((Date.now() - startedAt) / 1000),
  };
}

interface Turn {
  name: string;
  run: RunRound;
  /** Its rounds so far. */
  done: Round[];
}

function turnsOf({ ours, peer, others = {} }: Runs): { all: Turn[]; rounds: Rounds } {
  const turn = ([name, run]: [string, RunRound]): Turn => ({ name, run, done: [] });
  const mine = turn(['ours', ours]);
  const peers = Object.entries(typeof peer === 'function' ? { peer } : peer).map(turn);
  const rest = Object.entries(others).map(turn);
  const roundsOf = (turns: Turn[]) => Object.fromEntries(turns.map(({ name, done }) => [name, done]));
  return {
    all: [mine, ...peers, ...rest],
    rounds: { ours: mine.done, peers: roundsOf(peers), others: roundsOf(rest) },
  };
}

function isPairDue(pair: number, elapsedMs: number, pairMs: number[], scale: number): boolean {
  if (pair <= FEWEST_ROUNDS) return true;
  return pair <= MOST_ROUNDS && elapsedMs + median(pairMs) < BUDGET_MS * scale;
}

const speeds = ({ phases }: Round): string =>
  phases.map(({ name, rows, seconds }) => `${name} ${Math.round(rows / seconds)} rows/s`).join(', ');
