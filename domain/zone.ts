import { DAY_MS, HOUR_MS, iso, MINUTE_MS, SECOND_MS } from './time.ts';

/**
 * Hours, days, weeks and months of a time zone, as instants. The one place that knows zones: engines get epochs, since each
 * of them has zone tables of its own.
 */
export interface Zone {
  /** As it was asked for: `Europe/Berlin`. */
  name: string;
  /** What its clocks are ahead of UTC at an instant. */
  offsetMs(ms: number): number;
}

export const UTC: Zone = { name: 'UTC', offsetMs: () => 0 };

export const CALENDAR_UNITS = ['hour', 'day', 'week', 'month'] as const;
export type CalendarUnit = (typeof CALENDAR_UNITS)[number];

export const ZONE_NAMES: readonly string[] = [
  'UTC',
  ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC'),
];

const known = new Map<string, Zone>();

/** The IANA zone of a name; null: there is none. */
export function zoneOf(name: string): Zone | null {
  const found = known.get(name) ?? makeZone(name);
  if (found !== null) known.set(name, found);
  return found;
}

function makeZone(name: string): Zone | null {
  // Some runtimes take offsets such as +01:00 for zones.
  if (!/^[A-Za-z][\w+/-]*$/.test(name)) return null;
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
    if (format.resolvedOptions().timeZone === 'UTC') return { ...UTC, name };
    return { name, offsetMs: (ms) => offsetOf(format.format(ms)) };
  } catch {
    return null;
  }
}

const isUtc = ({ offsetMs }: Zone): boolean => offsetMs === UTC.offsetMs;

/** From `1/1/2026, GMT+01:00`; seconds are of the time before there were zones. */
function offsetOf(text: string): number {
  const [, sign, hours, minutes, seconds = '0'] = /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(text) ?? [];
  if (sign === undefined) return 0;
  const ms = Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS + Number(seconds) * SECOND_MS;
  return sign === '-' ? -ms : ms;
}

/**
 * The instants at which units begin that touch `[fromMs, toMs)`, in order. The first may be before `fromMs`. A day may have
 * 23 or 25 hours, and begins when its date does: at midnight, or where clocks jump over midnight, after it. A date that a
 * zone has left out has no day.
 * @param most how many are wanted; one more is returned if there are more
 */
export function beginsOf(
  zone: Zone,
  unit: CalendarUnit,
  { fromMs, toMs }: { fromMs: number; toMs: number },
  most: number,
): number[] {
  const begins: number[] = [];
  for (const ms of unit === 'hour' ? hoursFrom(zone, fromMs) : datesFrom(zone, unit, fromMs)) {
    if (ms >= toMs || begins.length > most) break;
    // The one before does not reach the range.
    if (ms <= fromMs) begins.length = 0;
    // A date that was left out is as long as nothing.
    if (begins.at(-1) !== ms) begins.push(ms);
  }
  return begins;
}

/** Begins of days, weeks or months without an end, from one before the instant. */
function* datesFrom(zone: Zone, unit: Exclude<CalendarUnit, 'hour'>, fromMs: number): Generator<number> {
  const local = new Date(fromMs + zone.offsetMs(fromMs));
  const [year, month, day] = [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()];
  const fromMonday = (local.getUTCDay() + 6) % 7;
  for (let n = -1; ; n++) {
    if (unit === 'month') yield instantOf(zone, Date.UTC(year, month + n, 1));
    else if (unit === 'week') yield instantOf(zone, Date.UTC(year, month, day - fromMonday + 7 * n));
    else yield instantOf(zone, Date.UTC(year, month, day + n));
  }
}

/**
 * The first instant at which clocks show a time, given as if it were one of UTC. If they jump over it, the instant after
 * which it would have come.
 */
function instantOf(zone: Zone, localMs: number): number {
  // Clocks change at most once in two days.
  const [before, after] = [zone.offsetMs(localMs - DAY_MS), zone.offsetMs(localMs + DAY_MS)];
  const shown = [localMs - before, localMs - after].filter((ms) => ms + zone.offsetMs(ms) === localMs);
  return shown.length === 0 ? localMs - before : Math.min(...shown);
}

/** Begins of hours without an end, from some before the instant. */
function* hoursFrom(zone: Zone, fromMs: number): Generator<number> {
  const startMs = fromMs - 3 * HOUR_MS;
  for (let ms = startMs - modulo(startMs + zone.offsetMs(startMs), HOUR_MS); ; ms = nextHour(zone, ms)) yield ms;
}

function nextHour(zone: Zone, ms: number): number {
  const offset = zone.offsetMs(ms);
  const next = ms + HOUR_MS - modulo(ms + offset, HOUR_MS);
  if (zone.offsetMs(next) === offset) return next;
  const changeMs = changeBetween(zone, ms, next);
  const after = changeMs + zone.offsetMs(changeMs);
  const isSameHour = Math.floor(after / HOUR_MS) === Math.floor((changeMs - 1 + offset) / HOUR_MS);
  // An hour that comes twice is two; one that clocks go back within is longer.
  return isSameHour && modulo(after, HOUR_MS) !== 0 ? changeMs + HOUR_MS - modulo(after, HOUR_MS) : changeMs;
}

/** The second from which on another offset holds. */
function changeBetween(zone: Zone, fromMs: number, toMs: number): number {
  const offset = zone.offsetMs(fromMs);
  let [low, high] = [fromMs, toMs];
  while (high - low > SECOND_MS) {
    const middle = low + Math.floor((high - low) / 2 / SECOND_MS) * SECOND_MS;
    if (zone.offsetMs(middle) === offset) low = middle;
    else high = middle;
  }
  return high;
}

/** Not negative for any number. */
const modulo = (value: number, of: number): number => ((value % of) + of) % of;

/**
 * How far hours begin after those of UTC, in all of a range; null: clocks change by another part of an hour in it. Some
 * zones are half an hour off, or three quarters.
 */
export function hoursAfterUtc(zone: Zone, { fromMs, toMs }: { fromMs: number; toMs: number }): number | null {
  if (isUtc(zone)) return 0;
  const remainderAt = (ms: number): number => modulo(-zone.offsetMs(ms), HOUR_MS);
  const first = remainderAt(fromMs);
  for (let ms = fromMs; ms < toMs; ms += DAY_MS) if (remainderAt(ms) !== first) return null;
  return remainderAt(toMs) === first ? first : null;
}

/** ISO 8601 with the offset of the zone, to the second: `2026-01-01T00:00:00+01:00`, in UTC `…Z`. */
export function isoIn(zone: Zone, ms: number): string {
  if (isUtc(zone)) return `${iso(ms).slice(0, -5)}Z`;
  const offset = zone.offsetMs(ms);
  const minutes = Math.floor(Math.abs(offset) / MINUTE_MS);
  const two = (value: number): string => String(value).padStart(2, '0');
  const zoned = `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  return `${iso(ms + offset).slice(0, -5)}${zoned}`;
}
