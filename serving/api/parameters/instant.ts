import { dayStartMs, isDay, parseLogTime } from '../../../domain/time.ts';

export const EXPECTED_INSTANT =
  'epoch milliseconds or ISO 8601 with a zone, such as 1609459200000, 2021-01-01, 2021-01-01T00:00:30Z or 2021-01-01T01:00:00.5%2B01:00';

/** The format of an instant; not every match is valid (30 February). */
export const INSTANT_PATTERN = String.raw`^(\d{1,15}|\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+ -]\d{2}(:?\d{2})?))?)$`;

const LAST_MS = Date.UTC(9999, 11, 31);
const ISO_TIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(:\d{2}(?:\.\d{1,9})?)?(Z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)$/;

/** Epoch milliseconds, or null. A date alone is its midnight (UTC). */
export function parseInstant(text: string): number | null {
  if (/^\d{1,15}$/.test(text)) return Number(text) <= LAST_MS ? Number(text) : null;
  if (isDay(text)) return dayStartMs(text);
  // An unencoded plus sign arrives as a space; a space is not valid otherwise.
  const match = ISO_TIME.exec(text.replace(/ (?=\d{2}(?::?\d{2})?$)/, '+'));
  return match ? parseLogTime(`${match[1]}${match[2] ?? ':00'}${match[3]}`) : null;
}
