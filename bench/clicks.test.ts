import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseLine } from '../domain/click/line.ts';
import { skew } from './arithmetic.ts';
import { clicksByAdPartition, even, type Mix, withHotAd, writeLog } from './clicks.ts';

const LINES = 20_000;
const folder = mkdtempSync(join(tmpdir(), 'clicks-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function perAd(name: string, mix: Mix): Promise<number[]> {
  const file = join(folder, `${name}.log`);
  await writeLog(file, LINES, mix);
  const counts = new Map<string, number>();
  for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) {
    const parsed = parseLine(line, 'here', Date.now());
    if (!parsed.ok) throw new Error(parsed.reason);
    counts.set(parsed.click.ad_id, (counts.get(parsed.click.ad_id) ?? 0) + 1);
  }
  return [...counts.values()].sort((a, b) => b - a);
}

test('without a hot ad all ads have about the same', async () => {
  const counts = await perAd('even', even(100));
  expect(counts).toHaveLength(100);
  expect(counts[0]).toBeLessThan((LINES / 100) * 1.4);
});

test('the hot ad has its share, the others share the rest evenly, and by ad it would fill one partition', async () => {
  const [hot = 0, ...others] = await perAd('hot', withHotAd(0.5, 100));
  expect(hot / LINES).toBeCloseTo(0.5, 1);
  expect(others).toHaveLength(99);
  expect(others[0]).toBeLessThan((LINES / 2 / 99) * 1.5);
  const byAd = await clicksByAdPartition(join(folder, 'hot.log'), 4);
  expect(byAd.reduce((a, b) => a + b)).toBe(LINES);
  expect(skew(byAd)).toBeGreaterThan(1);
});

test('each click is followed by so many impressions', async () => {
  const file = join(folder, 'mixed.log');
  await writeLog(file, 2_100, even(10), { impressions: 20 });
  const kinds = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => parseLine(line, 'here', Date.now()).kind);
  expect(kinds.map((kind, n) => (kind === 'click' ? n % 21 : -1)).filter((n) => n >= 0)).toEqual(
    new Array(100).fill(0),
  );
  expect(kinds.filter((kind) => kind === 'impression')).toHaveLength(2_000);
});
