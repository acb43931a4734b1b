import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Parsed } from '../../domain/click/click.ts';
import { parseLine } from '../../domain/click/line.ts';
import { EVENT_KINDS, type EventKind } from '../../domain/event_kinds.ts';
import { type SampleOptions, sampleLines } from './lines.ts';
import { writeTraffic } from './traffic.ts';
import { sampleVisits } from './visits.ts';

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

test('JSON lines are the same events as text lines', () => {
  const options = { ads: 10, seed: 1, eventIdShare: 0.5 };
  for (const kind of EVENT_KINDS) {
    const ofText = clicks({ ...options, kind }, 500);
    expect(clicks({ ...options, kind, format: 'json' }, 500)).toEqual(ofText);
  }
});

type Event = Extract<Parsed, { ok: true }>;
function visits(beside: EventKind[], count: number, seed = 1): Event[] {
  const next = sampleVisits({ ads: 20, seed, eventIdShare: 0.5, beside });
  return Array.from({ length: count }, () => next(NOW))
    .flat()
    .map((line, n) => {
      const parsed = parseLine(line, `place ${n}`, NOW);
      if (!parsed.ok) throw new Error(`${parsed.reason}: ${line}`);
      return parsed;
    });
}
const ofKind = (events: Event[], kind: EventKind): Event[] => events.filter((event) => event.kind === kind);

test('there are about 50 impressions and 0.05 conversions to a click, each a whole line', () => {
  const all = visits(['impression', 'conversion'], 4_000);
  expect(ofKind(all, 'click')).toHaveLength(4_000);
  expect(ofKind(all, 'impression').length / 4_000).toBeCloseTo(50, -1);
  expect(ofKind(all, 'conversion').length / 4_000).toBeCloseTo(0.05, 1);
  expect(ofKind(all, 'conversion').length).toBeGreaterThan(100);
  expect(all.every(({ leftOut }) => leftOut === 0)).toBe(true);
});

test('the same seed gives the same visits, and the clicks that it gives alone', () => {
  expect(visits(['impression', 'conversion'], 50)).toEqual(visits(['impression', 'conversion'], 50));
  const fieldsOf = (all: Event[]) => ofKind(all, 'click').map(({ click }) => ({ ...click, event_id: '' }));
  const alone = clicks({ ads: 20, seed: 1, eventIdShare: 0.5 }, 300).map((click) => ({ ...click, event_id: '' }));
  for (const beside of [['impression'], ['conversion'], ['impression', 'conversion']] as EventKind[][]) {
    expect(fieldsOf(visits(beside, 300))).toEqual(alone);
  }
});

test('annotations say which impression was clicked, and which click was converted at which value', () => {
  const all = visits(['impression', 'conversion'], 1_000);
  const byId = new Map(all.map((event) => [event.click.event_id, event]));
  for (const { click, annotations } of ofKind(all, 'click')) {
    const seen = byId.get(annotations.get('impression_id') ?? '');
    expect([seen?.kind, seen?.click]).toEqual(['impression', { ...click, event_id: seen?.click.event_id }]);
  }
  for (const { click, annotations } of ofKind(all, 'conversion')) {
    const clicked = byId.get(annotations.get('click_id') ?? '');
    expect([clicked?.kind, clicked?.click]).toEqual(['click', { ...click, event_id: clicked?.click.event_id }]);
    expect(annotations.get('value')).toMatch(/^\d+\.\d\d$/);
  }
  const described = ofKind(all, 'impression').filter(({ annotations }) => annotations.has('ua'));
  expect(share(ofKind(all, 'impression'), described)).toBeCloseTo(0.1, 1);
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

test('traffic of all kinds has as many clicks as that of clicks alone', async () => {
  const path = file();
  const options = { file: path, rate: 1_000, seconds: 0.2, ads: 10, seed: 1, beside: ['impression' as const] };
  const { lines } = await writeTraffic(options);
  const written = linesOf(path);
  expect(written).toHaveLength(lines);
  expect(written.filter((line) => line.startsWith('[AdClickEvent]'))).toHaveLength(200);
});

test('traffic without an end continues until it is stopped', async () => {
  const path = file();
  const told = new AbortController();
  const written = writeTraffic({ file: path, rate: 100, seconds: Infinity, ads: 10, seed: 1, signal: told.signal });
  await vi.waitFor(() => expect(linesOf(path).length).toBeGreaterThan(20), { timeout: 45_000 });
  told.abort();
  expect((await written).lines).toBe(linesOf(path).length);
});
