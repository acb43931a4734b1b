/** Instants are epoch milliseconds (UTC) everywhere; a day is its UTC date as `YYYY-MM-DD`. */
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

export const YEAR_2000_MS = Date.UTC(2000, 0, 1);

export const floorTo = (ms: number, grainMs: number): number => Math.floor(ms / grainMs) * grainMs;
export const ceilTo = (ms: number, grainMs: number): number => Math.ceil(ms / grainMs) * grainMs;
export const minuteOf = (ms: number): number => floorTo(ms, MINUTE_MS);

let lastDay = { startMs: Number.NaN, date: '' };
/** Mostly asked for the same day again: a date is not formatted each time. */
export function dayOf(ms: number): string {
  const startMs = floorTo(ms, DAY_MS);
  if (startMs !== lastDay.startMs) lastDay = { startMs, date: new Date(startMs).toISOString().slice(0, 10) };
  return lastDay.date;
}

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

/** The part after the whole second. */
const FRACTION_AND_ZONE = /^(?:\.(\d{1,9}))?(Z|[+-]\d{2}(?::?\d{2})?)?$/;
const WHOLE_SECOND_LENGTH = 'YYYY-MM-DD hh:mm:ss'.length;

/**
 * A click's time: `YYYY-MM-DD hh:mm:ss[.fff]` is UTC; with a `T` in the middle a zone (`Z`, `+02:00`, `+0200`, `+02`)
 * is required.
 * Digits after the millisecond are cut off. Returns null for anything else, including 30 February.
 */
export function parseLogTime(text: string): number | null {
  const ms = parseWholeSecond(text);
  if (ms === null) return null;
  if (text.length === WHOLE_SECOND_LENGTH) return text[10] === 'T' ? null : ms;
  const match = FRACTION_AND_ZONE.exec(text.slice(WHOLE_SECOND_LENGTH));
  if (!match) return null;
  const [, fraction = '', zone] = match;
  if (text[10] === 'T' && zone === undefined) return null;
  const offsetMs = zoneOffsetMs(zone);
  return offsetMs === null ? null : ms + Number(fraction.slice(0, 3).padEnd(3, '0')) - offsetMs;
}

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * The first 19 characters, read digit by digit: it runs for every line, and a regular expression costs many times as
 * much.
 */
function parseWholeSecond(text: string): number | null {
  const separators =
    text[4] === '-' &&
    text[7] === '-' &&
    (text[10] === ' ' || text[10] === 'T') &&
    text[13] === ':' &&
    text[16] === ':';
  if (!separators) return null;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  // Non-digits give NaN, for which every comparison is false.
  const isTime = month >= 1 && month <= 12 && day >= 1 && hour <= 23 && minute <= 59 && second <= 59 && year >= 100;
  if (!isTime) return null;
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = month === 2 && isLeap ? 29 : (DAYS_IN_MONTH[month - 1] as number);
  return day <= days ? Date.UTC(year, month - 1, day, hour, minute, second) : null;
}

function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function zoneOffsetMs(zone: string | undefined): number | null {
  if (zone === undefined || zone === 'Z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.length > 3 ? zone.slice(-2) : 0)];
  if (hours > 23 || minutes > 59) return null;
  return (zone[0] === '-' ? -1 : 1) * (hours * 60 + minutes) * MINUTE_MS;
}
