import { expect, test } from 'vitest';
import { compareSides } from './compare.ts';
import { comparisonTable, section } from './print.ts';
import type { Result } from './run.ts';
import type { Round } from './types.ts';

const round = (seconds: number): Round => ({
  phases: [{ name: 'sink', rows: 1e6, seconds, taken: 0, processes: { node: { cpuSeconds: 2, peakBytes: 2 ** 20 } } }],
  facts: { skew: seconds },
});

const yard = { work_seconds: 0.5, work_cpu_seconds: 0.4, ping_pong_us: 10 };
const result: Result = {
  name: 'sink',
  about: 'about',
  against: null,
  rows: 1e6,
  ads: null,
  format: null,
  rounds: 1,
  seconds: 9,
  ...compareSides(
    { ours: 'a', peer: 'b' },
    {
      ours: [round(1)],
      peers: { slow: [round(4)], fast: [round(2)] },
      others: { floor: [round(0.5)] },
    },
  ),
  targets: [{ what: 'rows/s', value: 2, atLeast: 1, reached: true }],
  machine: { cores: 2, cpu: 'a cpu', memory_gb: 8, node: 'v20', load: 0, commit: 'abc' },
  yardstick: { before: yard, after: { ...yard, ping_pong_us: 40 } },
  date: '2026-01-02T03:04:05.000Z',
};

test('the fastest peer has the column, the others follow with ours ÷ each; the host is shown before and after', () => {
  const lines = comparisonTable(result).split('\n');
  const at = (start: string): string[] => lines.filter((line) => line.trimStart().startsWith(start));
  expect(lines[1]).toBe('ours: a; peer: b; fast');
  expect(at('sink, rows/s').map((line) => line.trim().split(/\s{2,}/))).toEqual([
    ['sink, rows/s', '1,000,000', '500,000', '2'],
    ['sink, rows/s', '250,000', '4'],
    ['sink, rows/s', '2,000,000', '0.5'],
  ]);
  expect(lines.map((line) => line.trim()).filter((line) => line === 'slow' || line === 'floor')).toHaveLength(2);
  expect(at('host').map((line) => line.split(' ').at(-2))).toEqual(['10', '40']);
});

test('a section of the record says which commit was the peer', () => {
  expect(section(result)).toMatch(/^## sink, 2026-01-02 03:04 UTC\n/);
  expect(section({ ...result, against: { ref: 'v1', commit: 'def' } })).toMatch(/^## sink against v1, /);
});
