import { expect, test } from 'vitest';
import { compareSides, isReached } from './compare.ts';
import type { Phase, Round } from './types.ts';

const MB = 1024 * 1024;

const phase = (name: string, seconds: number, cpuSeconds = 1, peakMb = 100): Phase => ({
  name,
  seconds,
  rows: 1_000,
  taken: 0,
  processes: { node: { cpuSeconds, peakBytes: peakMb * MB }, engine: { cpuSeconds: 2, peakBytes: MB } },
});
const round = (...phases: Phase[]): Round => ({ phases, facts: { skew: phases[0]?.seconds ?? 0 } });
const what = { ours: 'a', peer: 'b' };

test('the ratio is the median of ours over the median of the peer, in rows a second', () => {
  const ours = [round(phase('sink', 2)), round(phase('sink', 1)), round(phase('sink', 100))];
  const peer = [round(phase('sink', 4)), round(phase('sink', 5)), round(phase('sink', 1))];
  const result = compareSides(what, { ours, peers: { peer }, others: {} });
  expect([result.ours.rows_per_second, result.peer.rows_per_second]).toEqual([500, 250]);
  expect(result.ratio).toBe(2);
  expect(result.ratios.sink?.pairs).toEqual([2, 5, 0.01]);
  expect(result.ours.phases.sink?.rounds).toEqual([500, 1_000, 10]);
  expect([result.ours.facts, result.peer.facts]).toEqual([{ skew: 2 }, { skew: 4 }]);
});

test('each phase has its own ratio; overall, the times are added up', () => {
  const result = compareSides(what, {
    ours: [round(phase('ingest', 1), phase('sink', 3))],
    peers: { peer: [round(phase('ingest', 1), phase('sink', 1))] },
    others: {},
  });
  expect(result.ratios.ingest?.rows_per_second).toBe(1);
  expect(result.ratios.sink?.rows_per_second).toBe(0.333);
  expect(result.ours.rows_per_second).toBe(250);
  expect(result.ratio).toBe(0.5);
});

test('CPU-seconds are the median for a million rows, memory is the highest peak', () => {
  const ours = [round(phase('sink', 1, 3, 90)), round(phase('sink', 1, 5, 300)), round(phase('sink', 1, 4, 80))];
  const result = compareSides(what, { ours, peers: { peer: [round(phase('sink', 1, 1))] }, others: {} });
  expect(result.ours.phases.sink?.processes).toEqual({
    node: { cpu_seconds_per_million: 4_000, peak_rss_mb: 300 },
    engine: { cpu_seconds_per_million: 2_000, peak_rss_mb: 1 },
  });
  expect(result.ours.cpu_seconds_per_million).toBe(6_000);
  expect(result.ratios.sink?.cpu_seconds).toBe(2);
});

test('of several peers the fastest is the peer; slower ones and non-peers are listed with their own ratios', () => {
  const { peer, ratio, others } = compareSides(what, {
    ours: [round(phase('sink', 1))],
    peers: { default: [round(phase('sink', 4))], 'two threads': [round(phase('sink', 2, 4))] },
    others: { floor: [round(phase('sink', 0.5))] },
  });
  expect({ name: peer.name, what: peer.what, ratio }).toEqual({
    name: 'two threads',
    what: 'b; two threads',
    ratio: 2,
  });
  expect(Object.entries(others).map(([name, { ratio, ratios }]) => [name, ratio, ratios.sink?.pairs])).toEqual([
    ['default', 4, [4]],
    ['floor', 0.5, [0.5]],
  ]);
});

test('a phase that the other side lacks cannot be compared', () => {
  const [ours, peer] = [[round(phase('sink', 1))], [round(phase('other', 1))]];
  expect(() => compareSides(what, { ours, peers: { peer }, others: {} })).toThrow('no phase "sink" of the peer');
});

test('a target is reached at its bound', () => {
  const at = (value: number) => [
    isReached({ what: 'x', value, atLeast: 1 }),
    isReached({ what: 'x', value, atMost: 1 }),
  ];
  expect([at(0.99), at(1), at(1.01), at(Number.NaN)]).toEqual([
    [false, true],
    [true, true],
    [true, false],
    [false, false],
  ]);
});
