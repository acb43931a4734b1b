import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { clickledger } from '../test/support/client.ts';
import type { Result } from './run.ts';

const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('clickledger-bench-'));

test('bench --json is one document with both sides, and leaves no folder behind', { timeout: 300_000 }, async () => {
  const before = folders();
  const { code, stdout, stderr } = await clickledger({}, 'bench', 'hot-ads', '--scale', '0.01', '--json');
  expect([code, stderr]).toEqual([0, expect.stringContaining('round 3, ours')]);
  const { name, rounds, ours, peer, ratio, ratios, targets } = JSON.parse(stdout) as Result;
  expect({ name, rounds }).toEqual({ name: 'hot-ads', rounds: 3 });
  expect(ratio).toBeCloseTo(ours.rows_per_second / peer.rows_per_second, 2);
  expect(Object.keys(ratios)).toEqual(['ingest', 'sink']);
  for (const side of [ours, peer]) {
    expect(Object.keys(side.phases.ingest?.processes ?? {})).toEqual(['ingest', 'kafka']);
    expect(Object.keys(side.phases.sink?.processes ?? {}).sort()).toEqual(['clickhouse', 'kafka', 'realtime']);
    for (const phase of Object.values(side.phases)) {
      for (const used of Object.values(phase.processes)) {
        expect(used.cpu_seconds_per_million).toBeGreaterThan(0);
        expect(used.peak_rss_mb).toBeGreaterThan(50);
      }
    }
  }
  expect(targets).toHaveLength(3);
  expect(folders().filter((folder) => !before.includes(folder))).toEqual([]);
});
