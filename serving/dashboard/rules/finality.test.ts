import { expect, test } from 'vitest';
import { daysOf, freshnessLight, type Mark, markOf, restatedDays, statusOf } from './finality.ts';

const ms = (iso: string): number => Date.parse(iso);
type Run = Parameters<typeof daysOf>[0][number];
/** What a run is judged by. */
const run = (date: string, number: number, state: Run['state'], isPublished: boolean): Run =>
  ({ date, run: number, state, published_at: isPublished ? `${date}T12:00:00.000Z` : null }) as Run;

test.each<[Exclude<Mark, 'open'>, string, string, Mark]>([
  ['final', '2026-11-21T15:00Z', '2026-11-21T15:00Z', 'final'],
  ['restated', '2026-11-21T14:00Z', '2026-11-21T15:00Z', 'restated'],
  ['provisional', '2026-11-21T15:00Z', '2026-11-21T14:59Z', 'open'],
  ['not_run', '2026-11-21T15:00Z', '2026-11-21T14:59Z', 'not_run'],
])('%s until %s, asked until %s, is drawn %s', (status, end, asked, mark) => {
  expect(markOf(status, ms(end), ms(asked))).toBe(mark);
});

test.each<[from: string, to: string, Exclude<Mark, 'open'>]>([
  ['2026-11-20T00:00Z', '2026-11-21T00:00Z', 'final'],
  ['2026-11-20T10:00Z', '2026-11-20T11:00Z', 'final'],
  ['2026-11-21T00:00Z', '2026-11-22T00:00Z', 'restated'],
  ['2026-11-20T23:00Z', '2026-11-21T23:00Z', 'restated'],
  ['2026-11-21T23:00Z', '2026-11-22T23:00Z', 'provisional'],
  ['2026-11-22T00:00Z', '2026-11-22T01:00Z', 'provisional'],
  ['2026-11-16T00:00Z', '2026-11-23T00:00Z', 'provisional'],
])('the window from %s to %s is %s', (from, to, status) => {
  const runs = [
    { date: '2026-11-20', run: 1 },
    { date: '2026-11-21', run: 3 },
  ];
  expect(statusOf({ fromMs: ms(from), toMs: ms(to) }, runs, new Set(['2026-11-21']))).toBe(status);
});

test.each<[string, Run[], string, number | undefined]>([
  ['one run', [run('2026-11-20', 1, 'published', true)], 'final', 1],
  [
    'a run after one that failed',
    [run('2026-11-20', 2, 'published', true), run('2026-11-20', 1, 'failed', false)],
    'final',
    2,
  ],
  [
    'a run after one that was published',
    [run('2026-11-20', 2, 'published', true), run('2026-11-20', 1, 'superseded', true)],
    'restated',
    2,
  ],
  [
    'a roll-back to the first run',
    [run('2026-11-20', 2, 'rolled_back', true), run('2026-11-20', 1, 'published', true)],
    'final',
    1,
  ],
  [
    'a blocked run after one that was published, which still answers',
    [run('2026-11-20', 2, 'blocked', false), run('2026-11-20', 1, 'published', true)],
    'blocked',
    1,
  ],
  ['a run that is counting', [run('2026-11-20', 1, 'counting', false)], 'provisional', undefined],
])('a day with %s', (_name, runs, state, current) => {
  const day = daysOf(runs).get('2026-11-20');
  expect([day?.state, day?.run?.run]).toEqual([state, current]);
  expect(daysOf(runs.toReversed()).get('2026-11-20')).toEqual(day);
  expect(restatedDays(daysOf(runs)).has('2026-11-20')).toBe(state === 'restated');
});

test.each([
  [0.3, 'good'],
  [10, 'good'],
  [11, 'slow'],
  [60, 'slow'],
  [61, 'bad'],
  [null, 'unknown'],
  [undefined, 'unknown'],
])('counts that are %s s old are %s', (seconds, light) => expect(freshnessLight(seconds)).toBe(light));
