import { median, round, sum } from './arithmetic.ts';
import type { BenchTarget, Comparison, Phase, PhaseSummary, Ratios, Round, Side, Summary, Usage } from './types.ts';

const MB = 1024 * 1024;

export interface Rounds {
  ours: Round[];
  /** By name; if there are several, the fastest is the peer. */
  peers: Record<string, Round[]>;
  others: Record<string, Round[]>;
}

/** Medians of each side, and their ratios. */
export function compareSides(what: Record<Side, string>, rounds: Rounds): Comparison {
  const ours = summarise('ours', what.ours, rounds.ours);
  const names = Object.keys(rounds.peers);
  const [peer, ...slower] = Object.entries(rounds.peers)
    .map(([name, each]) => summarise(name, names.length > 1 ? `${what.peer}; ${name}` : what.peer, each))
    .sort((a, b) => b.rows_per_second - a.rows_per_second);
  if (!peer) throw new Error('nothing to compare with');
  const others = [...slower, ...Object.entries(rounds.others).map(([name, each]) => summarise(name, name, each))];
  return {
    ours,
    peer,
    ...ratiosOf(ours, peer),
    others: Object.fromEntries(others.map((other) => [other.name, { ...other, ...ratiosOf(ours, other) }])),
  };
}

function ratiosOf(ours: Summary, other: Summary): Ratios {
  const ratios = Object.entries(ours.phases).map(([name, mine]) => {
    const theirs = other.phases[name];
    if (!theirs) throw new Error(`no phase "${name}" of the ${other.name}`);
    const pairs = mine.rounds.map((speed, pair) => round(speed / (theirs.rounds[pair] ?? Number.NaN)));
    return [name, { rows_per_second: ratioOf(mine, theirs), pairs, cpu_seconds: cpuRatioOf(mine, theirs) }] as const;
  });
  return { ratio: ratioOf(ours, other), ratios: Object.fromEntries(ratios) };
}

type Figures = Pick<Summary, 'rows_per_second' | 'cpu_seconds_per_million'>;
const ratioOf = (ours: Figures, peer: Figures): number => round(ours.rows_per_second / peer.rows_per_second);
const cpuRatioOf = (ours: Figures, peer: Figures): number =>
  round(ours.cpu_seconds_per_million / peer.cpu_seconds_per_million);

function summarise(name: string, what: string, rounds: readonly Round[]): Summary {
  const names = rounds[0]?.phases.map(({ name }) => name) ?? [];
  const phases = names.map((name) => [name, summariseLike(rounds.map((each) => phaseOf(each, name)))] as const);
  const facts = Object.keys(rounds[0]?.facts ?? {}).map((name) => [
    name,
    round(median(rounds.map((each) => each.facts[name] ?? Number.NaN))),
  ]);
  return {
    name,
    what,
    // Every phase passes the same rows on.
    rows_per_second: Math.round(median(rounds.map(({ phases: [first, ...rest] }) => speed(first, rest)))),
    cpu_seconds_per_million: round(sum(phases.map(([, phase]) => phase.cpu_seconds_per_million))),
    phases: Object.fromEntries(phases),
    facts: Object.fromEntries(facts),
  };
}

const speed = (first: Phase | undefined, rest: Phase[]): number =>
  first ? first.rows / (first.seconds + sum(rest.map(({ seconds }) => seconds))) : Number.NaN;

function phaseOf({ phases }: Round, name: string): Phase {
  const found = phases.find((phase) => phase.name === name);
  if (!found) throw new Error(`a round without its phase "${name}"`);
  return found;
}

/** Summary of the same phase in every round. */
function summariseLike(phases: Phase[]): PhaseSummary {
  const processes = Object.keys(phases[0]?.processes ?? {}).map((name) => {
    const usages = phases.map((phase) => ({ rows: phase.rows, ...(phase.processes[name] as Usage) }));
    return [
      name,
      {
        cpu_seconds_per_million: round(median(usages.map(({ cpuSeconds, rows }) => (cpuSeconds / rows) * 1e6))),
        peak_rss_mb: Math.round(Math.max(...usages.map(({ peakBytes }) => peakBytes)) / MB),
      },
    ] as const;
  });
  const speeds = phases.map(({ rows, seconds }) => rows / seconds);
  return {
    rows_per_second: Math.round(median(speeds)),
    rounds: speeds.map(Math.round),
    cpu_seconds_per_million: round(sum(processes.map(([, used]) => used.cpu_seconds_per_million))),
    taken: round(median(phases.map(({ taken }) => taken)), 2),
    processes: Object.fromEntries(processes),
  };
}

export const isReached = ({ value, atLeast = -Infinity, atMost = Infinity }: BenchTarget): boolean =>
  value >= atLeast && value <= atMost;
