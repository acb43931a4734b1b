import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALL_CLICKS, both, type Filter, isByCountryOnly, type Membership, matches } from '../../domain/filter.ts';
import { minutesIndex, parseMinutesIndex, runSource } from '../../domain/names.ts';
import type { PublishedRun } from '../../domain/receipt.ts';
import { DAY_MS, dayOf, dayStartMs, iso, MINUTE_MS, minuteOf } from '../../domain/time.ts';
import { isKept, planAsOf, publishedAt } from './as_of.ts';
import { type Part, plan } from './plan.ts';
import { NO_SEARCH, type Question, type ServingState } from './question.ts';
import type { Range } from './ranges.ts';

/** A row of ads.clicks. Rows that differ in their place only are copies of one click. */
interface Raw {
  id: number;
  ad: string;
  ms: number;
  country: string;
  ip: string;
  user_id: string;
  partition: string;
  offset: number;
  arrivedMs: number;
}

const START_MS = dayStartMs('2021-01-01');
const DAYS = ['2021-01-01', '2021-01-02', '2021-01-03', '2021-01-04'];
/** Few instants, most of them near seams: minute and day borders. */
const instant = fc
  .tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: -3, max: 3 }), fc.constantFrom(0, 1, 30_000, 59_999))
  .map(([day, minute, ms]) =>
    Math.min(START_MS + 4 * DAY_MS - 1, Math.max(START_MS, START_MS + day * DAY_MS + minute * MINUTE_MS + ms)),
  );

const click = fc.record({
  id: fc.integer({ min: 0, max: 40 }),
  ad: fc.constantFrom('a', 'b'),
  ms: instant,
  country: fc.constantFrom('USA', 'DEU', 'FRA'),
  ip: fc.constantFrom('10.0.0.1', '10.0.1.1', '2001:db8::1', '2001:db9::1'),
  user_id: fc.constantFrom('u1', 'u2'),
  partition: fc.constantFrom('clicks-0', 'clicks-1'),
  offset: fc.integer({ min: 0, max: 20 }),
  arrivedMs: fc.integer({ min: 0, max: 20 }),
});
// A cut may know nothing of a partition that was added later.
const cut = fc.dictionary(fc.constantFrom('clicks-0', 'clicks-1'), fc.integer({ min: 0, max: 21 }));
const publishedDay = fc.option(
  fc.record({
    run: fc.integer({ min: 1, max: 3 }),
    cut,
    held: fc.boolean(),
  }),
);
/** Mostly of any value, so that not everything comes from raw clicks; sometimes of none. */
const membership = (...values: string[]) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant<Membership>({ in: null, not: [] }) },
    { weight: 2, arbitrary: fc.record({ in: fc.option(fc.subarray(values)), not: fc.subarray(values) }) },
  );
const filter = fc.record({
  country: membership('USA', 'DEU'),
  ip: membership('10.0.0.0/8', '10.0.0.0/24', '2001:db8::/32'),
  user_id: membership('u1', 'u2'),
});
const asked = {
  clicks: fc.array(click, { maxLength: 60 }),
  from: instant,
  to: instant,
  ad: fc.constantFrom('a', 'b'),
  registered: filter,
  given: filter,
};
const scenario = fc.record({
  ...asked,
  days: fc.tuple(publishedDay, publishedDay, publishedDay, publishedDay),
  boundary: fc.option(instant.map(minuteOf)),
  givenUp: fc.subarray(DAYS),
});
/** Runs of days and what was published when, in the order of time; run 0 gives a day back to real time. */
const history = fc.record({
  ...asked,
  cuts: fc.array(cut, { minLength: 12, maxLength: 12 }),
  events: fc.array(
    fc.record({
      date: fc.constantFrom(...DAYS),
      run: fc.integer({ min: 0, max: 3 }),
      recordedMs: fc.integer({ min: 0, max: 20 }),
    }),
    { maxLength: 12 },
  ),
  asOf: fc.integer({ min: 0, max: 20 }),
  keptSince: fc.integer({ min: 0, max: 20 }),
});

const identity = ({ partition: _, offset: __, arrivedMs: ___, ...fields }: Raw): string => JSON.stringify(fields);
const distinct = (clicks: Raw[]): number => new Set(clicks.map(identity)).size;
const within = (ms: number, { fromMs, toMs }: Range): boolean => ms >= fromMs && ms < toMs;
const isBelowCut = ({ partition, offset }: Raw, { cut }: Pick<PublishedRun, 'cut'>): boolean =>
  offset < (cut[partition] ?? 0);

const conditionsOf = ({ ad, registered, given }: { ad: string; registered: Filter; given: Filter }) => ({
  adId: ad,
  filter: both(registered, given),
  registered: isByCountryOnly(given) ? { filterId: 7, revision: 1 } : null,
});

/** What the contract asks for, counted in the plainest way. */
function plainCount(
  clicks: Raw[],
  question: Question,
  { published }: { published: ReadonlyMap<string, Pick<PublishedRun, 'cut'>> },
) {
  const { adId, filter } = question;
  const asked = clicks.filter((raw) => raw.ad === adId && matches(filter, raw) && within(raw.ms, question));
  const ofRun = (raw: Raw) => published.get(dayOf(raw.ms));
  const counted = asked.filter((raw) => {
    const run = ofRun(raw);
    return run !== undefined && isBelowCut(raw, run);
  });
  return { batch: distinct(counted), realtime: asked.filter((raw) => ofRun(raw) === undefined).length };
}

/** What the stores would answer. */
function simulate(part: Part, clicks: Raw[], question: Question, state: ServingState): number {
  const ranges = 'ranges' in part ? part.ranges : [part];
  const isRaw = part.kind.endsWith('_raw');
  // Minutes know nothing of a click but its country.
  const filter = isRaw ? question.filter : { ...ALL_CLICKS, country: question.filter.country };
  const arrivedBy = question.asOfMs ?? Number.POSITIVE_INFINITY;
  const inRange = clicks.filter((raw) => {
    if (part.kind === 'realtime_raw' && raw.arrivedMs > arrivedBy) return false;
    return (
      raw.ad === question.adId &&
      matches(filter, raw) &&
      ranges.some((range) => within(isRaw ? raw.ms : minuteOf(raw.ms), range))
    );
  });
  if (!part.kind.startsWith('run_')) {
    if (!('indexes' in part)) return inRange.length;
    // Of open minutes an index holds some rows, but not all: they must not be asked for.
    expect(part.toMs).toBeLessThanOrEqual(state.boundaryMs ?? Number.NEGATIVE_INFINITY);
    const days = part.indexes.map((index) => parseMinutesIndex(index)?.day);
    return inRange.filter(({ ms }) => days.includes(dayOf(ms))).length;
  }
  const runs = runsOf(part, state);
  return distinct(
    inRange.filter((raw) => {
      const run = runs.find(({ date }) => date === dayOf(raw.ms));
      return run !== undefined && isBelowCut(raw, run);
    }),
  );
}

function runsOf(part: Part, { published }: ServingState): PublishedRun[] {
  if ('runs' in part) return part.runs;
  const indexes = 'indexes' in part ? part.indexes : [];
  return indexes.map((index) => {
    const parsed = parseMinutesIndex(index);
    const run = published.get(parsed?.day ?? '');
    expect(run && runSource(run.run)).toBe(parsed?.source);
    return run as PublishedRun;
  });
}

/** A real-time row is one click: of equal rows in one place, one was read. */
const eachOnce = (drawn: Raw[]): Raw[] => [
  ...new Map(drawn.map((raw) => [JSON.stringify({ ...raw, arrivedMs: 0 }), raw])).values(),
];

test('whatever the seams, parts add up to a plain count', () => {
  fc.assert(
    fc.property(scenario, ({ clicks: drawn, days, boundary, givenUp, from, to, ...filters }) => {
      fc.pre(from < to);
      const clicks = eachOnce(drawn);
      const published = new Map<string, PublishedRun>();
      const heldIndexes = new Set<string>();
      for (const [i, date] of DAYS.entries()) {
        const day = days[i];
        if (day) published.set(date, { date, run: day.run, firstRun: 1, cut: day.cut });
        if (day?.held) heldIndexes.add(minutesIndex(date, runSource(day.run)));
        // An index is there once the day has a row among closed minutes, and maybe earlier.
        const hasClosed = clicks.some(({ ms }) => dayOf(ms) === date && minuteOf(ms) < (boundary ?? 0));
        if (!givenUp.includes(date) && (hasClosed || i % 2 === 0)) heldIndexes.add(minutesIndex(date, 'rt'));
      }
      const state = { published, heldIndexes, boundaryMs: boundary, givenUp: new Set(givenUp) };
      const question = { ...conditionsOf(filters), fromMs: from, toMs: to, asOfMs: null };
      const expected = plainCount(clicks, question, state);
      for (const known of [state, { ...NO_SEARCH, published }]) {
        const got = { batch: 0, realtime: 0 };
        for (const part of plan(question, known).parts) {
          got[part.kind.startsWith('run_') ? 'batch' : 'realtime'] += simulate(part, clicks, question, known);
        }
        expect(got, `${iso(from)} ${iso(to)}`).toEqual(expected);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('as of any time, parts add up to a plain count of what was known then, also from the raw clicks that are kept', () => {
  fc.assert(
    fc.property(history, ({ clicks: drawn, cuts, events: drawnEvents, asOf, keptSince, from, to, ...filters }) => {
      fc.pre(from < to);
      const clicks = eachOnce(drawn);
      const cutOf = (date: string, run: number) => cuts[DAYS.indexOf(date) * 3 + run - 1] ?? {};
      const events = [...drawnEvents]
        .sort((a, b) => a.recordedMs - b.recordedMs)
        .map((event, i) => ({ ...event, seq: i + 1, cut: cutOf(event.date, event.run) }));
      const question = { ...conditionsOf(filters), fromMs: from, toMs: to, asOfMs: asOf };

      const current = new Map<string, { cut: Record<string, number> }>();
      for (const date of DAYS) {
        const last = events.findLast((event) => event.date === date && event.recordedMs <= asOf);
        if (last && last.run > 0) current.set(date, { cut: last.cut });
      }
      const hadArrived = clicks.filter((raw) => current.has(dayOf(raw.ms)) || raw.arrivedMs <= asOf);
      const expected = plainCount(hadArrived, question, { published: current });

      const planned = planAsOf(question, events);
      const state = { ...NO_SEARCH, published: publishedAt(events, asOf) };
      const count = (rows: (part: Part) => Raw[]) => {
        const got = { batch: 0, realtime: 0 };
        for (const part of planned.parts) {
          got[part.kind.startsWith('run_') ? 'batch' : 'realtime'] += simulate(part, rows(part), question, state);
        }
        return got;
      };
      expect(count(() => clicks)).toEqual(expected);

      const gone = clicks.filter(({ arrivedMs }) => arrivedMs < keptSince);
      const incompleteDays = new Set(gone.filter((row) => row.ad === question.adId).map(({ ms }) => dayOf(ms)));
      const kept = { sinceMs: keptSince, incompleteDays };
      if (isKept(planned, asOf, kept)) {
        const left = clicks.filter((raw) => !gone.includes(raw));
        expect(count((part) => (part.kind === 'run_minutes' ? clicks : left))).toEqual(expected);
      }
    }),
    { numRuns: 2_000 },
  );
});
