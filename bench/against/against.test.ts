import { expect, test } from 'vitest';
import { BENCHMARKS } from '../benchmarks.ts';
import { compareSides, isReached } from '../compare.ts';
import type { BenchSite } from '../site.ts';
import type { Benchmark, Round } from '../types.ts';
import { against, COMPARABLE } from './against.ts';
import type { Checkout } from './checkout.ts';

const checkout: Checkout = { ref: 'v1', commit: 'abc1234', folder: '/old', remove: () => {} };
const work = { rows: 1_000_000, ads: 1, format: 'text' as const, report: () => {} };

const round = (cpuSeconds: number): Round => ({
  phases: [{ name: 'sink', rows: 1e6, seconds: 2, taken: 0, processes: { node: { cpuSeconds, peakBytes: 0 } } }],
  facts: {},
});

/** Records which code was in use when a round ran. */
function recorded(name: string) {
  const said: string[] = [];
  let code: string | null = 'none yet';
  const site = (which: string) => ({
    openAnother: async () => site('another'),
    use: async (folder: string | null) => {
      code = folder;
      if (which === 'another') said.push(`another uses ${folder}`);
    },
    which,
  });
  const benchmark: Benchmark = {
    name,
    about: '',
    sides: { ours: 'a', peer: 'b' },
    engines: [],
    rows: 1,
    once: true,
    prepare: async (on) => {
      const { which } = on as unknown as { which: string };
      said.push(`prepared on ${which}`);
      const ours = async () => {
        said.push(`round on ${which} by ${code}`);
        return round(1);
      };
      return { ours, peer: () => Promise.reject(new Error('the peer takes no part in it')) };
    },
    targets: () => [],
  };
  return { said, site: site('one') as unknown as BenchSite, benchmark: against(benchmark, checkout) };
}

test('every comparable benchmark is listed', () => {
  const names = BENCHMARKS.map(({ name }) => name);
  expect(COMPARABLE.filter((name) => !names.includes(name))).toEqual([]);
});

test('both commits take turns on the same data; five rounds, also of benchmarks with one', async () => {
  const { said, site, benchmark } = recorded('sink');
  const { ours, peer } = await benchmark.prepare(site, work);
  for (const run of [ours, peer, peer, ours]) await (run as () => Promise<Round>)();
  expect(said).toEqual([
    'prepared on one',
    'round on one by null',
    'round on one by /old',
    'round on one by /old',
    'round on one by null',
  ]);
  expect(benchmark).toMatchObject({ rounds: 5, once: false, against: { ref: 'v1', commit: 'abc1234' } });
});

test('long-running roles have a site for each commit', async () => {
  const { said, site, benchmark } = recorded('pipeline');
  await benchmark.prepare(site, work);
  expect(said).toEqual(['another uses /old', 'prepared on another', 'prepared on one']);
});

test.each([
  [[10, 11, 10, 10, 10], true],
  [[10.5, 10.5, 9, 12, 10.5], true],
  [[10.6, 10.6, 9, 12, 10.6], false],
])('with 10 CPU-seconds before, %j now: at most 5 %% more expensive is %s', (now, reached) => {
  const { benchmark } = recorded('sink');
  const peer = [10, 10, 10, 10, 10].map(round);
  const comparison = compareSides(benchmark.sides, { ours: now.map(round), peers: { peer }, others: {} });
  expect(benchmark.targets(comparison).map(isReached)).toEqual([reached]);
});
