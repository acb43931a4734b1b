/** Instants are epoch milliseconds (UTC) everywhere; a day is its UTC date as `YYYY-MM-DD`. */
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

export const YEAR_2000_MS = Date.UTC(2000, 0, 1);

export const floorTo = (ms: number, grainMs: number): number => Math.floor(ms / grainMs) * grainMs;
export const ceilTo = (ms: number, grainMs: number): number => Math.ceil(ms / grainMs) * grainMs;
export const minuteOf = (ms: number): number => floorTo(ms, MINUTE_MS);
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
export const dayStartMs = (day: string): number => Date.parse(`${day}T00:00:00Z`);
export const iso = (ms: number): string => new Date(ms).toISOString();

/** Days `[from, to)` in order. */
export function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  for (let ms = dayStartMs(from); ms < dayStartMs(to); ms += DAY_MS) days.push(dayOf(ms));
  return days;
}

export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const ms = dayStartMs(text);
  return !Number.isNaN(ms) && dayOf(ms) === text;
}

const LOG_TIME = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * A click's time: `YYYY-MM-DD hh:mm:ss[.fff]` is UTC, with a `T` in the middle a zone (`Z`, `+02:00`) is required.
 * Digits beyond the millisecond are cut off. Returns null for anything else, 30 February included.
 */
export function parseLogTime(text: string): number | null {
  const match = LOG_TIME.exec(text);
  if (!match) return null;
  const [, year, month, day, hour, minute, second, fraction = '', zone] = match;
  if (text[10] === 'T' && zone === undefined) return null;
  const fields = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const millis = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const ms = Date.UTC(fields[0], fields[1] - 1, fields[2], fields[3], fields[4], fields[5], millis);
  const back = new Date(ms);
  const roundTrips =
    back.getUTCFullYear() === fields[0] &&
    back.getUTCMonth() === fields[1] - 1 &&
    back.getUTCDate() === fields[2] &&
    back.getUTCHours() === fields[3] &&
    back.getUTCMinutes() === fields[4] &&
    back.getUTCSeconds() === fields[5];
  return roundTrips ? ms - zoneOffsetMs(zone) : null;
}

function zoneOffsetMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone[0] === '-' ? -1 : 1) * minutes * MINUTE_MS;
}
