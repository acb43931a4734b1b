import { parseDate, toZoned } from '@internationalized/date';
import { DAY_MS, earlier, HOUR_MS, MINUTE_MS, type Range, startOf, startOfDay, UNITS, type Unit } from './zone.ts';

export const PERIODS = ['hour', 'today', 'yesterday', '7d', '30d', 'month', 'year', 'custom'] as const;
export type Period = (typeof PERIODS)[number];

export const COMPARISONS = ['before', 'week', 'year', 'none'] as const;
export type Comparison = (typeof COMPARISONS)[number];

export interface PeriodChoice {
  period: Period;
  /** Days of a custom period, the last one included: YYYY-MM-DD. */
  from: string;
  to: string;
  zone: string;
  /** Leaves out the window that is not over yet. */
  complete: boolean;
}

/**
 * The whole period around a moment, whose end may be in the future.
 * @param nowMs the boundary: what is before it is counted
 */
export function periodRange({ period, from, to, zone }: Omit<PeriodChoice, 'complete'>, nowMs: number): Range {
  const today = startOfDay(nowMs, zone);
  const tomorrow = earlier(today, { days: -1 }, zone);
  switch (period) {
    case 'hour':
      return { fromMs: nowMs - (nowMs % MINUTE_MS) - HOUR_MS, toMs: nowMs - (nowMs % MINUTE_MS) };
    case 'today':
      return { fromMs: today, toMs: tomorrow };
    case 'yesterday':
      return { fromMs: earlier(today, { days: 1 }, zone), toMs: today };
    case '7d':
      return { fromMs: earlier(today, { days: 6 }, zone), toMs: tomorrow };
    case '30d':
      return { fromMs: earlier(today, { days: 29 }, zone), toMs: tomorrow };
    case 'month': {
      const fromMs = startOf(nowMs, '1mo', zone);
      return { fromMs, toMs: earlier(fromMs, { months: -1 }, zone) };
    }
    case 'year': {
      const fromMs = toZoned(parseDate(`${yearOf(nowMs, zone)}-01-01`), zone)
        .toDate()
        .getTime();
      return { fromMs, toMs: earlier(fromMs, { years: -1 }, zone) };
    }
    case 'custom':
      return {
        fromMs: toZoned(parseDate(from), zone).toDate().getTime(),
        toMs: toZoned(parseDate(to).add({ days: 1 }), zone)
          .toDate()
          .getTime(),
      };
  }
}

const yearOf = (ms: number, zone: string): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone: zone, year: 'numeric' }).format(ms).padStart(4, '0');

/** What is asked: the period up to the boundary, or, of complete windows only, up to the last one that is over. */
export function askedRange(choice: PeriodChoice, unit: Unit, boundaryMs: number): Range {
  const whole = periodRange(choice, boundaryMs);
  const isCut = whole.toMs > boundaryMs;
  const end = isCut ? boundaryMs - (boundaryMs % MINUTE_MS) : whole.toMs;
  const toMs = isCut && choice.complete ? startOf(end, unit, choice.zone) : end;
  return { fromMs: whole.fromMs, toMs: Math.max(toMs, whole.fromMs) };
}

/** How far back the comparison lies, by the zone's calendar; null: there is none. */
function shiftOf(
  choice: PeriodChoice,
  comparison: Comparison,
  nowMs: number,
): { hours?: number; days?: number; months?: number; years?: number } | null {
  if (comparison === 'none') return null;
  if (comparison === 'year') return { years: 1 };
  const { fromMs, toMs } = periodRange(choice, nowMs);
  // A day of 23 or 25 hours is one day.
  const days = Math.round((toMs - fromMs) / DAY_MS);
  if (comparison === 'week') return { days: Math.max(1, Math.ceil(days / 7)) * 7 };
  if (choice.period === 'hour') return { hours: 1 };
  if (choice.period === 'month') return { months: 1 };
  if (choice.period === 'year') return { years: 1 };
  return { days };
}

/** The range to compare with: begun and cut at the same moments of the clock on the wall. */
export function comparedRange(choice: PeriodChoice, comparison: Comparison, asked: Range, nowMs: number): Range | null {
  const shift = shiftOf(choice, comparison, nowMs);
  if (shift === null) return null;
  return { fromMs: earlier(asked.fromMs, shift, choice.zone), toMs: earlier(asked.toMs, shift, choice.zone) };
}

const LONGEST: [Unit, number][] = [
  ['1m', 3 * HOUR_MS],
  ['1h', 4 * DAY_MS],
  ['1d', 100 * DAY_MS],
  ['1w', 366 * DAY_MS],
];

/** The window that shows a range in some dozens of points. */
export const unitFor = ({ fromMs, toMs }: Range): Unit =>
  LONGEST.find(([, longest]) => toMs - fromMs <= longest)?.[0] ?? '1mo';

const SHORTEST: Record<Unit, number> = {
  '1m': MINUTE_MS,
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '1h': HOUR_MS,
  '1d': 23 * HOUR_MS,
  '1w': 7 * DAY_MS - HOUR_MS,
  '1mo': 28 * DAY_MS,
};
/** As many as the API answers at once. */
const MOST_POINTS = 2_000;

/** The windows in which a range can be shown: at least one, and not too many. */
export const unitsFor = ({ fromMs, toMs }: Range): Unit[] =>
  UNITS.filter((unit) => {
    const points = (toMs - fromMs) / SHORTEST[unit];
    return points >= 1 && points <= MOST_POINTS;
  });
