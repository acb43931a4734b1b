import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PublishedRun } from '../../domain/receipt.ts';
import { DAY_MS, dayOf, HOUR_MS } from '../../domain/time.ts';
import { finalitiesOf, isOfMinutes, pieceMs, piecesOf, seriesPoints, sumPieces, windowsOf } from './series.ts';

const START_MS = Date.UTC(2021, 0, 1);
const series = (seconds: number, size: number, hop: number, fromMs = START_MS) => ({
  fromMs,
  toMs: fromMs + seconds * 1_000,
  sizeMs: size * 1_000,
  hopMs: hop * 1_000,
});

test.each<[what: string, asked: ReturnType<typeof series>, windows: [number, number][]]>([
  [
    'tumbling',
    series(180, 60, 60),
    [
      [0, 60],
      [60, 120],
      [120, 180],
    ],
  ],
  [
    'tumbling, the last one ends with the range',
    series(100, 60, 60),
    [
      [0, 60],
      [60, 100],
    ],
  ],
  [
    'hopping',
    series(180, 120, 60),
    [
      [0, 120],
      [60, 180],
      [120, 180],
    ],
  ],
  ['one that is longer than the range', series(30, 60, 60), [[0, 30]]],
])('windows are %s', (_, asked, windows) => {
  const seconds = windowsOf(asked).map(({ fromMs, toMs }) => [(fromMs - START_MS) / 1_000, (toMs - START_MS) / 1_000]);
  expect(seconds).toEqual(windows);
  expect(seriesPoints(asked)).toBe(windows.length);
});

test.each<[size: number, hop: number, piece: number]>([
  [60, 60, 60],
  [300, 60, 60],
  [90, 60, 30],
  [3_600, 7, 1],
])('windows of %i every %i seconds are computed from pieces of %i', (size, hop, piece) => {
  expect(pieceMs(series(3_600, size, hop))).toBe(piece * 1_000);
  expect(piecesOf(series(3_600, size, hop))).toBe(3_600 / piece);
});

test.each<[what: string, asked: ReturnType<typeof series>, expected: boolean]>([
  ['whole minutes', series(3_600, 300, 60), true],
  ['a piece of half a minute', series(3_600, 90, 60), false],
  ['a range from a half minute on', series(3_600, 60, 60, START_MS + 30_000), false],
  ['a range to a half minute', series(90, 60, 60), false],
])('stored minutes suffice: %s', (_, asked, expected) => {
  expect(isOfMinutes(asked)).toBe(expected);
});

test('a window is final if all of it is, independently of others', () => {
  const run = (date: string, n: number): [string, PublishedRun] => [date, { date, run: n, firstRun: 1, cut: {} }];
  const published = new Map([run('2021-01-01', 1), run('2021-01-02', 2)]);
  const twoDays = { fromMs: START_MS + 12 * HOUR_MS, toMs: START_MS + 3 * DAY_MS };
  const hours = (size: number) => ({ ...twoDays, sizeMs: size * HOUR_MS, hopMs: 12 * HOUR_MS });
  expect(finalitiesOf(windowsOf(hours(12)), published)).toEqual([
    'final',
    'restated',
    'restated',
    'provisional',
    'provisional',
  ]);
  expect(finalitiesOf(windowsOf(hours(24)), published)).toEqual([
    'restated',
    'restated',
    'provisional',
    'provisional',
    'provisional',
  ]);
});

const drawn = fc.record({
  from: fc.integer({ min: -90, max: 90 }),
  seconds: fc.integer({ min: 1, max: 600 }),
  hop: fc.integer({ min: 1, max: 90 }),
  hops: fc.integer({ min: 0, max: 3 }),
  more: fc.integer({ min: 0, max: 60 }),
  clicks: fc.array(fc.integer({ min: -120_000, max: 720_000 }), { maxLength: 60 }),
  published: fc.boolean(),
});

test('each window equals a plain count, tumbling ones add up, and a final one has no minute in real time', () => {
  fc.assert(
    fc.property(drawn, ({ from, seconds, hop, hops, more, clicks, published }) => {
      const asked = series(seconds, hop * (hops + 1) + more, hop, START_MS + DAY_MS + from * 1_000);
      const times = clicks.map((ms) => START_MS + DAY_MS + ms);
      const inRange = times.filter((ms) => ms >= asked.fromMs && ms < asked.toMs);
      const count = (s: typeof asked) => {
        const pieces = new Map<number, number>();
        for (const ms of inRange) {
          const piece = Math.floor((ms - s.fromMs) / pieceMs(s));
          pieces.set(piece, (pieces.get(piece) ?? 0) + 1);
        }
        return sumPieces(s, pieces);
      };
      const windows = windowsOf(asked);
      const plain = windows.map(({ fromMs, toMs }) => times.filter((ms) => ms >= fromMs && ms < toMs).length);
      expect(count(asked)).toEqual(plain);

      const tumbling = { ...asked, sizeMs: asked.hopMs };
      expect(count(tumbling).reduce((sum, clicksOf) => sum + clicksOf, 0)).toBe(inRange.length);

      const date = dayOf(START_MS);
      const runs = new Map(published ? [[date, { date, run: 1, firstRun: 1, cut: {} }]] : []);
      const expected = windows.map(({ toMs }) => (published && toMs <= START_MS + DAY_MS ? 'final' : 'provisional'));
      expect(finalitiesOf(windowsOf(asked), runs)).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
});
