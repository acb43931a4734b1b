import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALL_CLICKS } from '../../domain/filters/filter.ts';
import type { PublishedRun } from '../../domain/receipt.ts';
import { DAY_MS, dayOf, dayStartMs, MINUTE_MS } from '../../domain/time.ts';
import { allRunsFromHive, type ExpiredRows, runKey, withArchive } from './archive.ts';
import type { Part } from './parts.ts';
import { plan } from './plan.ts';
import { NO_SEARCH, type Question } from './question.ts';

const t = (text: string): number => Date.parse(`${text}Z`);
const DAYS = ['2018-01-01', '2018-01-02', '2018-01-03', '2018-01-04'];
const run = (date: string): PublishedRun => ({ date, run: 2, firstRun: 1, cut: { 'clicks-0': 5 } });
const asked = (fromMs: number, toMs: number, isRaw = false): Question => ({
  adId: 'a',
  registered: null,
  asOfMs: null,
  fromMs,
  toMs,
  filter: isRaw ? { ...ALL_CLICKS, user_id: { in: ['u'], not: [] } } : ALL_CLICKS,
});
const gone = (rawDays: string[], runs: string[] = []): ExpiredRows => ({
  rawDays: new Set(rawDays),
  runs: new Set(runs),
});
const describe = (part: Part): string =>
  `${part.kind} ${'runs' in part ? part.runs.map(({ date }) => date.slice(8)).join(',') : ''}`.trim();

test.each<[string, Question, ExpiredRows, string[], string[]]>([
  [
    'seconds of a day whose raw clicks have expired',
    asked(t('2018-01-01T00:00:30'), t('2018-01-01T10:00')),
    gone(['2018-01-01']),
    ['run_archive 01', 'run_minutes 01'],
    ['clickhouse', 'hive'],
  ],
  [
    'a user, on days whose raw clicks have expired and others',
    asked(t('2018-01-01T00:00'), t('2018-01-05T00:00'), true),
    gone(['2018-01-01', '2018-01-03']),
    ['run_raw 02', 'run_archive 01,03', 'realtime_raw'],
    ['clickhouse', 'hive'],
  ],
  [
    'whole minutes, which need no raw clicks',
    asked(t('2018-01-01T00:00'), t('2018-01-04T00:00')),
    gone(['2018-01-01', '2018-01-02', '2018-01-03']),
    ['run_minutes 01,02,03'],
    ['clickhouse'],
  ],
  [
    'whole minutes that have expired, too',
    asked(t('2018-01-01T00:00'), t('2018-01-03T00:00')),
    gone(['2018-01-01'], ['2018-01-01/2', '2018-01-02/1']),
    ['run_minutes 02', 'run_hive_minutes 01'],
    ['clickhouse', 'hive'],
  ],
  [
    'a day without a run, of which nothing expires',
    asked(t('2018-01-04T00:00:30'), t('2018-01-04T00:01')),
    gone(['2018-01-04']),
    ['realtime_raw'],
    ['clickhouse'],
  ],
])('%s', (_, question, lost, parts, sources) => {
  const published = new Map(DAYS.slice(0, 3).map((date) => [date, run(date)]));
  const planned = withArchive(plan(question, { ...NO_SEARCH, published }), lost);
  expect(planned.parts.map(describe)).toEqual(parts);
  expect(planned.sources).toEqual(sources);
});

test('all runs come from Hive if one does, and real time stays where it is', () => {
  const published = new Map(DAYS.slice(0, 3).map((date) => [date, run(date)]));
  const question = { ...asked(t('2018-01-01T00:00'), t('2018-01-05T00:00'), true), adId: null };
  const planned = withArchive(plan(question, { ...NO_SEARCH, published }), gone(['2018-01-02']));
  const { parts, sources } = allRunsFromHive(planned);
  expect(parts.map(describe)).toEqual(['realtime_raw', 'run_archive 01,03,02']);
  expect(parts[1]).toMatchObject({ fromMs: t('2018-01-01T00:00'), toMs: t('2018-01-04T00:00') });
  expect(sources).toEqual(['clickhouse', 'hive']);
  const kept = withArchive(plan(question, { ...NO_SEARCH, published }), gone([]));
  expect(allRunsFromHive(kept)).toEqual(kept);
});

const instant = fc
  .tuple(fc.integer({ min: 0, max: 4 }), fc.constantFrom(-MINUTE_MS, -1, 0, 1, 30_000, MINUTE_MS))
  .map(([day, ms]) => dayStartMs('2018-01-01') + day * DAY_MS + ms);
const scenario = fc.record({
  from: instant,
  to: instant,
  isRaw: fc.boolean(),
  published: fc.subarray(DAYS),
  rawDays: fc.subarray(DAYS),
  runs: fc.subarray(DAYS),
});

/** Engine, table and run that answer for an instant, for every part that does. */
function answering(parts: Part[], ms: number, date: string): string[] {
  return parts.flatMap((part) => {
    const ranges = 'ranges' in part ? part.ranges : [part];
    if (!ranges.some(({ fromMs, toMs }) => ms >= fromMs && ms < toMs)) return [];
    if (!('runs' in part)) return [part.kind];
    return part.runs.filter((entry) => entry.date === date).map((entry) => `${part.kind} ${entry.run}`);
  });
}

test('whatever has expired, every instant is answered once, by the same run, from where its rows are', () => {
  fc.assert(
    fc.property(scenario, ({ from, to, isRaw, published, rawDays, runs }) => {
      fc.pre(from < to);
      const ledger = new Map(published.map((date) => [date, run(date)]));
      const before = plan(asked(from, to, isRaw), { ...NO_SEARCH, published: ledger });
      const lost = gone(
        rawDays,
        runs.map((date) => runKey(run(date))),
      );
      const after = withArchive(before, lost);
      const borders = [
        from,
        to,
        ...after.parts.flatMap((part) => ('ranges' in part ? part.ranges : [part])).flatMap(Object.values),
      ];
      const instants = borders.filter((value) => typeof value === 'number').flatMap((ms) => [ms - 1, ms, ms + 1]);
      for (const ms of instants) {
        const date = dayOf(ms);
        const [was = null, ...others] = answering(before.parts, ms, date);
        expect(others).toEqual([]);
        const expected =
          was === 'run_raw 2' && rawDays.includes(date)
            ? 'run_archive 2'
            : was === 'run_minutes 2' && runs.includes(date)
              ? 'run_hive_minutes 2'
              : was;
        expect(answering(after.parts, ms, date)).toEqual(expected === null ? [] : [expected]);
      }
    }),
    { numRuns: 1_000 },
  );
});
