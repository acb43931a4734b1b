import { expect, test } from 'vitest';
import { ALL_CLICKS, type Filter } from '../../domain/filters/filter.ts';
import { answerableFrom, isKept, isLateKept, type PublishedEvent, planAsOf, publishedAt } from './as_of.ts';

const t = (text: string): number => Date.parse(`${text}Z`);
const event = (date: string, seq: number, run: number, at: string): PublishedEvent => ({
  date,
  seq,
  run,
  cut: { 'clicks-0': 10 * run },
  recordedMs: t(at),
});
const asked = (from: string, to: string, asOf: string, filter: Filter = ALL_CLICKS) => ({
  adId: 'a',
  filter,
  registered: null,
  fromMs: t(from),
  toMs: t(to),
  asOfMs: t(asOf),
});
const USER: Filter = { ...ALL_CLICKS, user_id: { in: ['u'], not: [] } };
const kept = (since: string, ...days: string[]) => ({ sinceMs: t(since), incompleteDays: new Set(days) });

const [FIRST, SECOND] = ['2021-01-01', '2021-01-02'];
const LEDGER = [
  event(FIRST, 2, 1, '2021-01-02T02:00'),
  event(SECOND, 2, 1, '2021-01-03T02:00'),
  event(FIRST, 5, 2, '2021-01-05T12:00'),
  event(FIRST, 6, 1, '2021-01-06T12:00'),
  event(FIRST, 7, 0, '2021-01-07T12:00'),
  event(FIRST, 9, 3, '2021-01-08T12:00'),
];

test.each<[asOf: string, runs: string[]]>([
  ['2021-01-02T01:59:59.999', []],
  ['2021-01-02T02:00', ['2021-01-01 1 of 1']],
  ['2021-01-03T02:00', ['2021-01-01 1 of 1', '2021-01-02 1 of 1']],
  ['2021-01-05T12:00', ['2021-01-01 2 of 1', '2021-01-02 1 of 1']],
  ['2021-01-06T12:00', ['2021-01-01 1 of 1', '2021-01-02 1 of 1']],
  ['2021-01-07T12:00', ['2021-01-02 1 of 1']],
  ['2021-01-08T12:00', ['2021-01-01 3 of 1', '2021-01-02 1 of 1']],
])('as of %s the ledger says %j', (asOf, runs) => {
  const published = [...publishedAt([...LEDGER].reverse(), t(asOf)).values()];
  const words = published.map(({ date, run, firstRun }) => `${date} ${run} of ${firstRun}`);
  expect(words.sort()).toEqual(runs);
  for (const { run, cut } of published) expect(cut).toEqual({ 'clicks-0': 10 * run });
});

test.each<[what: string, question: ReturnType<typeof asked>, clicks: ReturnType<typeof kept>, expected: boolean]>([
  [
    'a day without a run, all of its clicks kept',
    asked(FIRST, SECOND, '2021-01-01T20:00'),
    kept('2020-12-01T00:00'),
    true,
  ],
  [
    'a day without a run, as of a time whose raw clicks have expired',
    asked(FIRST, SECOND, '2021-01-01T20:00'),
    kept('2021-02-01T00:00'),
    false,
  ],
  [
    'a day without a run, with clicks that arrived before those that are kept',
    asked(FIRST, SECOND, '2021-01-07T13:00'),
    kept('2021-01-07T00:00', FIRST),
    false,
  ],
  [
    'another day that is no longer complete',
    asked(FIRST, SECOND, '2021-01-07T13:00'),
    kept('2021-01-07T00:00', SECOND),
    true,
  ],
  [
    'whole minutes of a run, raw clicks expired',
    asked(FIRST, SECOND, '2021-01-02T03:00'),
    kept('2021-06-01T00:00', FIRST),
    true,
  ],
  [
    'seconds of a run, raw clicks expired',
    asked(FIRST, '2021-01-01T10:00:30', '2021-01-02T03:00'),
    kept('2021-06-01T00:00', FIRST),
    false,
  ],
  [
    'seconds of a run, raw clicks kept since before',
    asked(FIRST, '2021-01-01T10:00:30', '2021-01-02T03:00'),
    kept('2021-06-01T00:00'),
    true,
  ],
  [
    'a user of a run, raw clicks expired',
    asked(FIRST, SECOND, '2021-01-02T03:00', USER),
    kept('2021-06-01T00:00', FIRST),
    false,
  ],
])('%s', (_, question, clicks, expected) => {
  expect(isKept(planAsOf(question, LEDGER), question.asOfMs, clicks)).toBe(expected);
});

const NOW = t('2021-07-01T00:00');
test.each<[what: string, question: ReturnType<typeof asked>, clicks: ReturnType<typeof kept>, from: string | null]>([
  [
    'as of the first run',
    asked(FIRST, SECOND, '2021-01-01T20:00'),
    kept('2021-06-01T00:00', FIRST),
    '2021-01-02T02:00',
  ],
  [
    'as of when both days have one',
    asked(FIRST, '2021-01-03', '2021-01-02T20:00'),
    kept('2021-06-01T00:00', FIRST, SECOND),
    '2021-01-03T02:00',
  ],
  [
    'as of kept clicks, for a day that never had a run',
    asked('2021-01-04', '2021-01-05', '2021-01-04T20:00'),
    kept('2021-06-01T00:00'),
    '2021-06-01T00:00',
  ],
  [
    'never, for seconds whose clicks have expired',
    asked(FIRST, '2021-01-01T10:00:30', '2021-01-02T03:00'),
    kept('2021-06-01T00:00', FIRST),
    null,
  ],
])('it can be answered again %s', (_, question, clicks, from) => {
  expect(answerableFrom(question, LEDGER, clicks, NOW)).toBe(from && t(from));
});

test('late clicks are known as long as all clicks of the days with a run are kept', () => {
  const plan = planAsOf(asked(FIRST, '2021-01-03', '2021-01-02T20:00'), LEDGER);
  expect(isLateKept(plan, kept('2021-06-01T00:00', SECOND))).toBe(true);
  expect(isLateKept(plan, kept('2021-06-01T00:00', FIRST))).toBe(false);
});
