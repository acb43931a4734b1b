import { DAY_MS, dayOf, dayStartMs, HOUR_MS, minuteOf } from '../../../domain/time.ts';
import { testDays } from '../days.ts';

const firstMs = testDays(6);
const nthDay = (n: number): string => dayOf(firstMs + n * DAY_MS);

/**
 * A few days of clicks, all kinds of days next to each other, with a plain count of them. It shares nothing with the
 * code under test but the names of days. Each test file has its own days.
 */
export const DAYS = {
  final: nthDay(0),
  restated: nthDay(1),
  givenUp: nthDay(2),
  closed: nthDay(3),
  half: nthDay(4),
  empty: nthDay(5),
};
/** Minutes before it are closed. */
export const BOUNDARY_MS = dayStartMs(DAYS.half) + DAY_MS / 2;
export const FIRST_MS = dayStartMs(DAYS.final);
export const LAST_MS = dayStartMs(DAYS.empty) + DAY_MS;

interface RunOf {
  run: number;
  firstRun: number;
  cut: Record<string, number>;
}
export const RUNS: Record<string, RunOf> = {
  [DAYS.final]: { run: 1, firstRun: 1, cut: { 'api-test-0': 900, 'api-test-1': 950 } },
  [DAYS.restated]: { run: 2, firstRun: 1, cut: { 'api-test-0': 1_500 } },
  [DAYS.empty]: { run: 1, firstRun: 1, cut: { 'api-test-0': 2_000, 'api-test-1': 2_000 } },
};

export interface Row {
  event_id: string;
  ad_id: string;
  ms: number;
  user_id: string;
  ip: string;
  country: string;
  topic_partition: string;
  topic_offset: number;
}

export interface WorldFilter {
  country?: string[];
  user_id?: string[];
  /** Prefixes of addresses, for the plain count; the query has the network. */
  ip?: { network: string; startsWith: string };
}

/** Numbers in [0, 1], the same for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** 4,000 rows over all days except the empty one; every tenth is a duplicate of an earlier click. */
export function makeRows(prefix: string, next: () => number): Row[] {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  const days = Object.values(DAYS).filter((day) => day !== DAYS.empty);
  const rows: Row[] = [];
  for (let i = 0; i < 4_000; i++) {
    const place = { topic_partition: `api-test-${i % 2}`, topic_offset: Math.floor(i / 2) };
    const earlier = rows[Math.floor(next() * rows.length)];
    if (i % 10 === 9 && earlier) {
      rows.push({ ...earlier, ...place });
      continue;
    }
    // Around a few instants, so that ranges with seconds at their ends have something to cut.
    const around = dayStartMs(pick(days)) + pick([0, 0.25, 0.5, 0.75, 1]) * DAY_MS - 180_000;
    const ms = Math.min(LAST_MS - DAY_MS - 1, Math.max(FIRST_MS, Math.floor(around + next() * 360_000)));
    rows.push({
      event_id: `${prefix}-${i}`,
      ad_id: `${prefix}/${pick(['a', 'b ü', 'c%2F', 'd'])}`,
      ms,
      user_id: pick(['user 1', "o'user"]),
      ip: pick(['10.1.0.1', '10.2.0.1', '2001:db8::7']),
      country: pick(['USA', 'DEU', 'FRA']),
      ...place,
    });
  }
  return rows;
}

const identity = ({ topic_partition: _, topic_offset: __, ...click }: Row): string => JSON.stringify(click);
const distinct = (rows: Row[]): Row[] => [...new Map(rows.map((row) => [identity(row), row])).values()];
const isCounted = (row: Row): boolean => {
  const run = RUNS[dayOf(row.ms)];
  return run !== undefined && row.topic_offset < (run.cut[row.topic_partition] ?? 0);
};

/** The rows that a run of the day has counted. */
export const countedBy = (rows: Row[], day: string): Row[] =>
  distinct(rows.filter((row) => dayOf(row.ms) === day && isCounted(row)));

/** The rows that answers count: for days of a run those it has counted, for others all rows. */
export function countedClicks(rows: Row[]): Row[] {
  const ofRuns = rows.filter(({ ms }) => RUNS[dayOf(ms)]);
  return [...distinct(ofRuns.filter(isCounted)), ...rows.filter(({ ms }) => !RUNS[dayOf(ms)])];
}

export function select(rows: Row[], fromMs: number, toMs: number, { country, user_id, ip }: WorldFilter): Row[] {
  return rows.filter(
    (row) =>
      row.ms >= fromMs &&
      row.ms < toMs &&
      (!country || country.includes(row.country)) &&
      (!user_id || user_id.includes(row.user_id)) &&
      (!ip || row.ip.startsWith(ip.startsWith)),
  );
}

export function plainCounts(selected: Row[]): { batch: number; realtime: number; late: number } {
  const ofRuns = selected.filter(({ ms }) => RUNS[dayOf(ms)]);
  const counted = new Set(ofRuns.filter(isCounted).map(identity));
  return {
    batch: counted.size,
    realtime: selected.length - ofRuns.length,
    late: distinct(ofRuns).filter((row) => !counted.has(identity(row))).length,
  };
}

export function plainTop(selected: Row[], limit: number): { ad_id: string; count: number }[] {
  const ads = [...new Set(selected.map(({ ad_id }) => ad_id))].map((ad_id) => {
    const { batch, realtime } = plainCounts(selected.filter((row) => row.ad_id === ad_id));
    return { ad_id, count: batch + realtime };
  });
  return ads
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || Buffer.compare(Buffer.from(a.ad_id), Buffer.from(b.ad_id)))
    .slice(0, limit);
}

type Counted = [fromMs: number, adId: string, country: string, clicks: number];

/** The same by hour. */
export function perHour(minutes: Counted[]): Counted[] {
  const hours = new Map<string, Counted>();
  for (const [minute, ad_id, country, clicks] of minutes) {
    const hour = minute - (minute % HOUR_MS);
    const entry = hours.get(`${hour}|${country}|${ad_id}`) ?? [hour, ad_id, country, 0];
    entry[3] += clicks;
    hours.set(`${hour}|${country}|${ad_id}`, entry);
  }
  return [...hours.values()];
}

/** `[minute, ad, country, clicks]` of all rows. */
export function worldPerMinute(rows: Row[]): Counted[] {
  const counts = new Map<string, Counted>();
  for (const { ms, ad_id, country } of rows) {
    const entry = counts.get(`${minuteOf(ms)}|${country}|${ad_id}`) ?? [minuteOf(ms), ad_id, country, 0];
    entry[3] += 1;
    counts.set(`${minuteOf(ms)}|${country}|${ad_id}`, entry);
  }
  return [...counts.values()];
}
