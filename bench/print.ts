import type { Result } from './run.ts';
import type { BenchTarget, PhaseSummary } from './types.ts';
import { yardstickLine } from './yardstick.ts';

const LABEL_WIDTH = 48;
const WIDTH = 15;

/** Human-readable result. */
export function comparisonTable(result: Result): string {
  const { name, about, rows, ads, format, rounds, seconds, ours, peer, ratio, ratios, targets } = result;
  const lines = [
    `${name}: ${about}`,
    `ours: ${ours.what}; peer: ${peer.what}`,
    `${group(rows)} rows a round${format === null ? '' : ` as ${format}`}${ads === null ? '' : `, ${group(ads)} ads`}; ${roundsOf(rounds)}; ${seconds} s in all`,
    `host before: ${yardstickLine(result.yardstick.before)}`,
    `host after:  ${yardstickLine(result.yardstick.after)}`,
    '',
    line('', 'ours', 'peer', 'ratio'),
  ];
  for (const [phase, mine] of Object.entries(ours.phases)) {
    const theirs = peer.phases[phase];
    if (!theirs) continue;
    lines.push(
      line(
        `${phase}, rows/s`,
        group(mine.rows_per_second),
        group(theirs.rows_per_second),
        ratios[phase]?.rows_per_second,
      ),
    );
    const pairs = ratios[phase]?.pairs ?? [];
    lines.push(line('  lowest – highest', range(mine.rounds), range(theirs.rounds), span(pairs, 2)));
    lines.push(
      line(
        '  CPU-s per million',
        mine.cpu_seconds_per_million,
        theirs.cpu_seconds_per_million,
        ratios[phase]?.cpu_seconds,
      ),
    );
    lines.push(...processLines(mine, theirs));
    lines.push(line('  of the machine taken by others', percent(mine.taken), percent(theirs.taken)));
  }
  if (Object.keys(ours.phases).length > 1) {
    lines.push(line('one after the other, rows/s', group(ours.rows_per_second), group(peer.rows_per_second), ratio));
  }
  const facts = new Set([...Object.keys(ours.facts), ...Object.keys(peer.facts)]);
  for (const fact of facts) lines.push(line(fact, ours.facts[fact], peer.facts[fact]));
  lines.push(...othersLines(result.others), '', ...targets.map(targetLine), '');
  return lines.join('\n');
}

function othersLines(others: Result['others']): string[] {
  const blocks = Object.entries(others).flatMap(([name, { phases, facts, ratios }]) => [
    `  ${name}`,
    ...Object.entries(phases).flatMap(([phase, theirs]) => [
      line(`  ${phase}, rows/s`, '', group(theirs.rows_per_second), ratios[phase]?.rows_per_second),
      line('    lowest – highest', '', range(theirs.rounds), span(ratios[phase]?.pairs ?? [], 2)),
      line('    CPU-s per million', '', theirs.cpu_seconds_per_million, ratios[phase]?.cpu_seconds),
      ...Object.keys(theirs.processes).map((process) => line(processLabel(process), '', processCell(process, theirs))),
      line('    of the machine taken by others', '', percent(theirs.taken)),
    ]),
    ...Object.entries(facts).map(([fact, value]) => line(`  ${fact}`, '', value)),
  ]);
  return blocks.length === 0 ? [] : ['', line('measured too; ratio: ours ÷ it', '', 'it', 'ratio'), ...blocks];
}

const roundsOf = (rounds: number): string =>
  rounds === 1 ? 'one of each' : `${rounds} rounds each, in turn, after a warm-up; medians`;

function processLines(mine: PhaseSummary, theirs: PhaseSummary): string[] {
  const names = [...new Set([...Object.keys(mine.processes), ...Object.keys(theirs.processes)])];
  return names.map((name) => line(processLabel(name), processCell(name, mine), processCell(name, theirs)));
}

const processLabel = (name: string): string => `    ${name}, CPU-s per million / peak MB`;
function processCell(name: string, { processes }: PhaseSummary): string {
  const used = processes[name];
  return used ? `${used.cpu_seconds_per_million} / ${used.peak_rss_mb}` : '-';
}

const targetLine = ({ what, value, atLeast, atMost, reached }: BenchTarget & { reached: boolean }): string =>
  `${reached ? 'reached' : 'NOT REACHED'}: ${what} ${Math.round(value * 1_000) / 1_000} (${atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`})`;

const line = (label: string, ...cells: (string | number | undefined)[]): string =>
  `  ${label.padEnd(LABEL_WIDTH)}${cells.map((cell) => String(cell ?? '-').padStart(WIDTH)).join('  ')}`.trimEnd();

const span = (values: number[], digits: number): string =>
  `${Math.min(...values).toFixed(digits)} – ${Math.max(...values).toFixed(digits)}`;
const range = (values: number[]): string =>
  `${span(
    values.map((value) => value / 1000),
    1,
  )} k`;
const percent = (share: number): string => `${Math.round(share * 100)} %`;
const group = (value: number): string => value.toLocaleString('en-US');

/** A result as a record in bench/results/. */
export function section(result: Result): string {
  const { cores, cpu, memory_gb, node, load, commit } = result.machine;
  return [
    `## ${result.name}${result.against ? ` against ${result.against.ref}` : ''}, ${result.date.slice(0, 16).replace('T', ' ')} UTC`,
    '',
    `Commit ${commit ?? 'unknown'}; ${cores} cores (${cpu}), ${memory_gb} GB, Node ${node}; load before ${load}.`,
    '',
    '```',
    comparisonTable(result).trimEnd(),
    '```',
    '',
  ].join('\n');
}
