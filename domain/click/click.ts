import { canonicalIp } from '../address/canonical.ts';
import { DAY_MS, MINUTE_MS, parseLogTime, YEAR_2000_MS } from '../time.ts';

/**
 * A click is the tuple of these fields: two that agree in all of them are one click, wherever and however often they
 * were sent. `click_timestamp` is in epoch milliseconds.
 */
export interface Click {
  event_id: string;
  ad_id: string;
  click_timestamp: number;
  user_id: string;
  ip: string;
  country: string;
}

export const REJECT_REASONS = [
  'not_utf8',
  'nul_byte',
  'line_too_long',
  'not_a_click',
  'bad_field_count',
  'bad_ad_id',
  'bad_time',
  'time_before_2000',
  'time_in_future',
  'bad_user_id',
  'bad_ip',
  'bad_country',
  'bad_event_id',
  'bad_message',
] as const;

export type RejectReason = (typeof REJECT_REASONS)[number];

export type Parsed = { ok: true; click: Click } | { ok: false; reason: RejectReason };

const LINE_PREFIX = '[AdClickEvent]';

/** Each text field's length fits into one byte on the wire (see wire.ts), which keeps the encoding trivial. */
export const MAX_FIELD_BYTES = 127;

/**
 * Parses one log line, without its line end.
 * @param placeId event id for a line without one: its position (host, file generation, byte offset), so that a line
 *   read twice is one click and two equal lines are two
 */
export function parseLine(line: string, placeId: string, nowMs: number): Parsed {
  if (!line.startsWith(LINE_PREFIX)) return rejected('not_a_click');
  const fields = line.slice(LINE_PREFIX.length).split(',');
  if (fields.length !== 5 && fields.length !== 6) return rejected('bad_field_count');
  const [adId, time, userId, ip, country, eventId] = fields.map((field) => field.trim());
  const click_timestamp = parseLogTime(time as string);
  if (click_timestamp === null) return rejected('bad_time');
  const click = {
    event_id: eventId ?? placeId,
    ad_id: adId as string,
    click_timestamp,
    user_id: userId as string,
    ip: canonicalIp(ip as string),
    country: (country as string).toUpperCase(),
  };
  const reason = faultOf(click, nowMs);
  return reason === null ? { ok: true, click } : rejected(reason);
}

/**
 * The reason why these fields are not a valid click, or null. Also checks messages that other producers put on the
 * topic.
 */
export function faultOf(click: Click, nowMs: number): RejectReason | null {
  if (!isToken(click.ad_id)) return 'bad_ad_id';
  if (click.click_timestamp < YEAR_2000_MS) return 'time_before_2000';
  if (click.click_timestamp > nowMs + DAY_MS) return 'time_in_future';
  if (!isToken(click.user_id)) return 'bad_user_id';
  if (click.ip === '' || canonicalIp(click.ip) !== click.ip) return 'bad_ip';
  if (!isCountry(click.country)) return 'bad_country';
  if (!isToken(click.event_id)) return 'bad_event_id';
  return null;
}

const CLOCK_SKEW_MS = 10 * MINUTE_MS;

/**
 * The click's time is so far after its arrival that a clock must have been wrong. It is counted all the same, and
 * flagged.
 */
export const isFromFuture = (click_timestamp: number, arrivedMs: number): boolean =>
  click_timestamp > arrivedMs + CLOCK_SKEW_MS;

const rejected = (reason: RejectReason): Parsed => ({ ok: false, reason });

const [UPPER_A, UPPER_Z, DELETE, SPACE] = [65, 90, 0x7f, 0x20];

/** Valid text field: not empty, not too long, no control characters. */
export function isToken(text: string): boolean {
  const { length } = text;
  let isAscii = true;
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code < SPACE || code === DELETE) return false;
    if (code > DELETE) isAscii = false;
  }
  return length > 0 && (isAscii ? length : Buffer.byteLength(text)) <= MAX_FIELD_BYTES;
}

function isCountry(text: string): boolean {
  if (text.length !== 2 && text.length !== 3) return false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < UPPER_A || code > UPPER_Z) return false;
  }
  return true;
}
