import { round } from '../arithmetic.ts';
import { type Options, type Result, run } from '../run.ts';
import type { BenchSite } from '../site.ts';
import type { Benchmark, Round, RunRound, Runs, Work } from '../types.ts';
import { type Checkout, checkOut } from './checkout.ts';

const ROUNDS = 5;
/** Up to this factor of processor time still counts as no more expensive. */
const MAX_RATIO = 1.05;

/** Each round of these starts all the roles that it measures, so both commits take turns on the same engines. */
const IN_TURN = ['tail', 'hot-ads', 'sink', 'archive', 'index'];
/** Roles of these keep running between rounds, so each commit has its own engines and roles all the time. */
const SIDE_BY_SIDE = ['api', 'report', 'pipeline-usual', 'pipeline', 'pipeline-peak'];

export const COMPARABLE: readonly string[] = [...IN_TURN, ...SIDE_BY_SIDE];

/** Runs our side of a benchmark with the current code and with that of `ref`, five rounds each after a warm-up. */
export async function runAgainst(benchmark: Benchmark, ref: string, options: Options): Promise<Result> {
  const checkout = checkOut(ref, options.report);
  try {
    return await run(against(benchmark, checkout), options);
  } finally {
    checkout.remove();
  }
}

/**
 * Our side of a benchmark, with the current code and with that of another commit. Taken from the other commit: the
 * roles, started by its own command line, and the schema that they expect (migrations, templates). Data, driver, and
 * the engines with their settings are from this checkout for both: otherwise a changed measurement would compare
 * nothing. So roles may only read data that both commits can read.
 */
export const against = (benchmark: Benchmark, { ref, commit, folder }: Checkout): Benchmark => ({
  ...benchmark,
  about: `our side of ${benchmark.name}, by the code here and by that of another commit`,
  sides: { ours: 'the code here', peer: `that of ${ref === commit ? ref : `${ref} (${commit})`}` },
  against: { ref, commit },
  once: false,
  rounds: ROUNDS,
  prepare: (site, work) =>
    SIDE_BY_SIDE.includes(benchmark.name)
      ? sideBySide(benchmark, site, folder, work)
      : inTurn(benchmark, site, folder, work),
  targets: ({ ours, peer }) => [
    {
      what: `within 5 %: CPU-seconds a million, here ÷ ${ref}`,
      value: round(ours.cpu_seconds_per_million / peer.cpu_seconds_per_million),
      atMost: MAX_RATIO,
    },
  ],
});

async function inTurn(benchmark: Benchmark, site: BenchSite, folder: string, work: Work): Promise<Runs> {
  const { ours } = await benchmark.prepare(site, work);
  const by = (code: string | null, run: RunRound) => async (): Promise<Round> => {
    await site.use(code);
    return run();
  };
  return { ours: by(null, ours), peer: by(folder, ours) };
}

async function sideBySide(benchmark: Benchmark, site: BenchSite, folder: string, work: Work): Promise<Runs> {
  const other = await site.openAnother();
  await other.use(folder);
  const { ours: peer } = await benchmark.prepare(other, work);
  const { ours } = await benchmark.prepare(site, work);
  return { ours, peer };
}
