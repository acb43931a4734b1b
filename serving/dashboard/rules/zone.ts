import {
  fromAbsolute,
  startOfMonth,
  startOfWeek,
  toCalendarDate,
  toZoned,
  type ZonedDateTime,
} from '@internationalized/date';

/** Half-open, in epoch milliseconds. */
export interface Range {
  fromMs: number;
  toMs: number;
}

export const UNITS = ['1m', '5m', '15m', '1h', '1d', '1w', '1mo'] as const;
/** How long a window of a series is; days, weeks (Monday) and months are those of the zone. */
export type Unit = (typeof UNITS)[number];

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const MINUTES: Partial<Record<Unit, number>> = { '1m': 1, '5m': 5, '15m': 15 };

const zoned = (ms: number, zone: string): ZonedDateTime => fromAbsolute(ms, zone);

/** The first instant of the day, which is not midnight where clocks are put forward then. */
export const startOfDay = (ms: number, zone: string): number => startOfDate(toCalendarDate(zoned(ms, zone)), zone);

const startOfDate = (date: ReturnType<typeof toCalendarDate>, zone: string): number =>
  toZoned(date, zone).toDate().getTime();

/** The beginning of the window that contains `ms`. */
export function startOf(ms: number, unit: Unit, zone: string): number {
  const minutes = MINUTES[unit];
  // Every zone's offset is a multiple of a quarter of an hour.
  if (minutes !== undefined) return ms - (ms % (minutes * MINUTE_MS));
  const there = zoned(ms, zone);
  if (unit === '1h') return ms - ((ms + there.offset) % HOUR_MS);
  const date = toCalendarDate(there);
  if (unit === '1w') return startOfDate(startOfWeek(date, 'en-GB', 'mon'), zone);
  return startOfDate(unit === '1mo' ? startOfMonth(date) : date, zone);
}

/** The beginning of the window after the one that begins at `startMs`. */
export function nextStart(startMs: number, unit: Unit, zone: string): number {
  const minutes = MINUTES[unit];
  if (minutes !== undefined) return startMs + minutes * MINUTE_MS;
  if (unit === '1h') return startMs + HOUR_MS;
  const date = toCalendarDate(zoned(startMs, zone));
  const days = { '1d': { days: 1 }, '1w': { weeks: 1 }, '1mo': { months: 1 } }[unit as '1d' | '1w' | '1mo'];
  return startOfDate(date.add(days), zone);
}

/** Whole windows that together contain the range, in order; at most `most`. */
export function windowsOf({ fromMs, toMs }: Range, unit: Unit, zone: string, most = 2_000): Range[] {
  const windows: Range[] = [];
  for (let at = startOf(fromMs, unit, zone); at < toMs && windows.length < most; ) {
    const end = nextStart(at, unit, zone);
    windows.push({ fromMs: at, toMs: end });
    at = end;
  }
  return windows;
}

/** The same moment by the zone's calendar, so much earlier. */
export const earlier = (
  ms: number,
  by: { days?: number; months?: number; years?: number; hours?: number },
  zone: string,
): number => zoned(ms, zone).subtract(by).toDate().getTime();

/** Whether the runtime knows the name of a zone. */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
