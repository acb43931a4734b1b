import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { parseLine } from '../../domain/click/line.ts';
import { type SampleOptions, sampleLines } from './lines.ts';
import { writeTraffic } from './traffic.ts';

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0, 7);

function clicks(options: SampleOptions, count: number) {
  const next = sampleLines(options);
  return Array.from({ length: count }, (_, n) => {
    const parsed = parseLine(next(NOW), `place ${n}`, NOW);
    if (!parsed.ok) throw new Error(parsed.reason);
    return parsed.click;
  });
}

const share = (all: unknown[], some: unknown[]): number => some.length / all.length;

test('every line is a click at the requested time', () => {
  expect(clicks({ ads: 10, seed: 1 }, 2_000).every(({ click_timestamp }) => click_timestamp === NOW)).toBe(true);
});

test('the same seed gives the same clicks, another one others', () => {
  expect(clicks({ ads: 100, seed: 1 }, 50)).toEqual(clicks({ ads: 100, seed: 1 }, 50));
  expect(clicks({ ads: 100, seed: 1 }, 50)).not.toEqual(clicks({ ads: 100, seed: 2 }, 50));
});

test('the first ad is clicked twice as often as the second, and ten times as often as the tenth', () => {
  const all = clicks({ ads: 10, seed: 1 }, 50_000);
  const harmonic = Array.from({ length: 10 }, (_, rank) => 1 / (rank + 1)).reduce((sum, weight) => sum + weight);
  for (const rank of [1, 2, 10]) {
    const ad = `ad${String(rank).padStart(3, '0')}`;
    const ofAd = all.filter(({ ad_id }) => ad_id === ad);
    expect(share(all, ofAd)).toBeCloseTo(1 / rank / harmonic, 2);
  }
});

test('a user keeps their address and country', () => {
  const all = clicks({ ads: 10, seed: 1 }, 100_000);
  const users = new Set(all.map(({ user_id }) => user_id));
  expect(new Set(all.map(({ user_id, ip, country }) => `${user_id} ${ip} ${country}`)).size).toBe(users.size);
});

test('the requested share of lines has its own id', () => {
  const all = clicks({ ads: 10, seed: 1, eventIdShare: 0.25 }, 10_000);
  const withId = all.filter(({ event_id }) => !event_id.startsWith('place'));
  expect(share(all, withId)).toBeCloseTo(0.25, 1);
  expect(new Set(withId.map(({ event_id }) => event_id)).size).toBe(withId.length);
});

function file(): string {
  const folder = mkdtempSync(join(tmpdir(), 'traffic-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'logs', 'sample.log');
}
const linesOf = (path: string): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1);

test('traffic ends by itself, with the promised number of lines', async () => {
  const path = file();
  const options = { file: path, rate: 2_000, seconds: 0.3, ads: 10, seed: 1 };
  expect(await writeTraffic(options)).toEqual({ lines: 600 });
  await writeTraffic({ ...options, seconds: 0.1 });
  expect(linesOf(path)).toHaveLength(800);
});

test('traffic without an end continues until it is stopped', async () => {
  const path = file();
  const told = new AbortController();
  const written = writeTraffic({ file: path, rate: 100, seconds: Infinity, ads: 10, seed: 1, signal: told.signal });
  await vi.waitFor(() => expect(linesOf(path).length).toBeGreaterThan(20), { timeout: 45_000 });
  told.abort();
  expect((await written).lines).toBe(linesOf(path).length);
});
