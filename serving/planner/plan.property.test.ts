import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ALL_CLICKS,
  both,
  type Filter,
  isByCountryOnly,
  type Membership,
  matches,
} from '../../domain/filters/filter.ts';
import { hoursIndex, minutesIndex, parseIndex, parseMinutesIndex, runSource } from '../../domain/names.ts';
import type { PublishedRun } from '../../domain/receipt.ts';
import { DAY_MS, dayOf, dayStartMs, floorTo, HOUR_MS, iso, MINUTE_MS, minuteOf } from '../../domain/time.ts';
import { isKept, planAsOf, publishedAt } from './as_of.ts';
import type { Part } from './parts.ts';
import { plan } from './plan.ts';
import { NO_SEARCH, type Question, type ServingState } from './question.ts';
import type { Range } from './ranges.ts';

/** A row of ads.clicks. Rows that differ only in their position are duplicates. */
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
/** Few instants, most of them near boundaries: minute, hour and day borders. */
const instant = fc
  .tuple(
    fc.integer({ min: 0, max: 4 }),
    fc.constantFrom(0, 0, 1, 2, 23),
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(0, 1, 30_000, 59_999),
  )
  .map(([day, hour, minute, ms]) => START_MS + day * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS + ms)
  .map((ms) => Math.min(START_MS + 4 * DAY_MS - 1, Math.max(START_MS, ms)));

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
// A cut may lack a partition that was added later.
const cut = fc.dictionary(fc.constantFrom('clicks-0', 'clicks-1'), fc.integer({ min: 0, max: 21 }));
const publishedDay = fc.option(
  fc.record({
    run: fc.integer({ min: 1, max: 3 }),
    cut,
    held: fc.boolean(),
    hours: fc.boolean(),
    hasFilter: fc.boolean(),
  }),
);

/** Mostly any value, so that not everything comes from raw clicks; sometimes none. */
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
/** How many of the days have rows that Elasticsearch never saw. */
const unseen = fc.option(fc.integer({ min: 0, max: DAYS.length }));
const scenario = fc.record({
  ...asked,
  days: fc.tuple(publishedDay, publishedDay, publishedDay, publishedDay),
  boundary: fc.option(instant.map(minuteOf)),
  givenUp: fc.subarray(DAYS),
  unseen,
  since: fc.option(instant.map(minuteOf)),
});

/** Chosen so that rows of a registered filter answer a good part of it. */
const withFilterRows = fc.record({
  ...asked,
  registered: fc.record({
    country: fc.constant<Membership>({ in: null, not: ['DEU'] }),
    ip: fc.constant<Membership>({ in: ['10.0.0.0/8'], not: [] }),
    user_id: membership('u1'),
  }),
  given: fc.constantFrom(ALL_CLICKS, { ...ALL_CLICKS, country: { in: ['USA', 'DEU'], not: [] } }),
  days: fc.tuple(publishedDay, fc.constant(null), publishedDay, fc.option(publishedDay, { freq: 1 })),
  boundary: instant.map((ms) => minuteOf(ms + DAY_MS)),
  givenUp: fc.subarray(DAYS, { maxLength: 1 }),
  unseen,
  since: instant.map((ms) => minuteOf(ms - DAY_MS)),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

/** Runs of days and their publications, in time order; run 0 returns a day to real time. */
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

const REGISTERED = { filterId: 7, revision: 1 };
const REGISTERED_KEY = '7.1';
const conditionsOf = ({ ad, registered, given }: { ad: string; registered: Filter; given: Filter }) => ({
  adId: ad,
  filter: both(registered, given),
  registered: isByCountryOnly(given) ? REGISTERED : null,
});

/** The expected count, computed in the plainest way. */
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

/** The answer that the stores would give. */
function simulate(part: Part, clicks: Raw[], question: Question, state: ServingState, registered?: Filter): number {
  const ranges = 'ranges' in part ? part.ranges : [part];
  const isRaw = part.kind.endsWith('_raw');
  const grainMs = isRaw ? 1 : part.kind === 'run_hours' ? HOUR_MS : MINUTE_MS;
  const rowsOf = 'rowsOf' in part && registered ? registered : null;
  // Rows of minutes have only the country of a click; rows of a filter match it.
  const ofMinutes = both(rowsOf ?? ALL_CLICKS, { ...ALL_CLICKS, country: question.filter.country });
  const filter = isRaw ? question.filter : ofMinutes;
  const sinceMs = rowsOf ? (state.filtersSince.get(REGISTERED_KEY) ?? Number.POSITIVE_INFINITY) : 0;
  const arrivedBy = question.asOfMs ?? Number.POSITIVE_INFINITY;
  const inRange = clicks.filter((raw) => {
    if (part.kind === 'realtime_raw' && raw.arrivedMs > arrivedBy) return false;
    return (
      raw.ad === question.adId &&
      matches(filter, raw) &&
      ranges.some((range) => within(floorTo(raw.ms, grainMs), range))
    );
  });
  if (!part.kind.startsWith('run_')) {
    if (!('indexes' in part)) return inRange.length;
    // For open minutes an index has some rows, but not all: they must not be queried.
    expect(part.toMs).toBeLessThanOrEqual(state.boundaryMs ?? Number.NEGATIVE_INFINITY);
    const days = part.indexes.map((index) => parseMinutesIndex(index)?.day);
    const held = inRange.filter(({ ms }) => days.includes(dayOf(ms)) && minuteOf(ms) >= sinceMs);
    // Of days whose rows were not all seen an index may have some.
    return held.filter(({ ms, offset }) => ms >= (state.seenFromMs ?? 0) || offset % 2 === 0).length;
  }
  const runs = runsOf(part, state).filter(({ filters }) => rowsOf === null || filters?.includes(REGISTERED_KEY));
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
    const parsed = parseIndex(index);
    expect(index.startsWith('ad-hours-')).toBe(part.kind === 'run_hours');
    const run = published.get(parsed?.day ?? '');
    expect(run && runSource(run.run)).toBe(parsed?.source);
    return run as PublishedRun;
  });
}

/** A real-time row is one click: of equal rows at one position, one is kept. */
const eachOnce = (drawn: Raw[]): Raw[] => [
  ...new Map(drawn.map((raw) => [JSON.stringify({ ...raw, arrivedMs: 0 }), raw])).values(),
];

function addsUp({ clicks: drawn, days, boundary, givenUp, unseen, since, from, to, ...filters }: Scenario): void {
  fc.pre(from < to);
  const clicks = eachOnce(drawn);
  const published = new Map<string, PublishedRun>();
  const heldIndexes = new Set<string>();
  for (const [i, date] of DAYS.entries()) {
    const day = days[i];
    const registered = day?.hasFilter ? { filters: [REGISTERED_KEY] } : {};
    if (day) published.set(date, { date, run: day.run, firstRun: 1, cut: day.cut, ...registered });
    if (day?.held) heldIndexes.add(minutesIndex('click', date, runSource(day.run)));
    if (day?.held && day.hours) heldIndexes.add(hoursIndex('click', date, runSource(day.run)));
    // An index exists once the day has a row among closed minutes, possibly earlier.
    const hasClosed = clicks.some(({ ms }) => dayOf(ms) === date && minuteOf(ms) < (boundary ?? 0));
    const isUnseen = i < (unseen ?? 0);
    // Of days whose rows were not all seen there may be an index, or none.
    if (isUnseen ? i % 2 === 0 : !givenUp.includes(date) && (hasClosed || i % 2 === 0))
      heldIndexes.add(minutesIndex('click', date, 'rt'));
  }
  const filtersSince = new Map(since === null ? [] : [[REGISTERED_KEY, since]]);
  const seenFromMs = unseen === null ? null : START_MS + unseen * DAY_MS;
  const event = 'click' as const;
  const state = {
    event,
    published,
    heldIndexes,
    boundaryMs: boundary,
    givenUp: new Set(givenUp),
    seenFromMs,
    filtersSince,
  };
  const question = { ...conditionsOf(filters), fromMs: from, toMs: to, asOfMs: null };
  const expected = plainCount(clicks, question, state);
  for (const known of [state, { ...NO_SEARCH, published }]) {
    const got = { batch: 0, realtime: 0 };
    for (const part of plan(question, known).parts) {
      got[part.kind.startsWith('run_') ? 'batch' : 'realtime'] += simulate(
        part,
        clicks,
        question,
        known,
        filters.registered,
      );
    }
    expect(got, `${iso(from)} ${iso(to)}`).toEqual(expected);
  }
}

test.each([
  ['the seams', scenario],
  ['of a registered filter has rows', withFilterRows],
])('whatever %s, parts add up to a plain count', (_, drawn) => {
  fc.assert(fc.property(drawn, addsUp), { numRuns: 2_000 });
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
