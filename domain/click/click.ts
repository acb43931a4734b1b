import { canonicalIp } from '../address/canonical.ts';
import type { EventKind } from '../event_kinds.ts';
import { DAY_MS, MINUTE_MS, YEAR_2000_MS } from '../time.ts';
import type { Annotations } from './annotations.ts';
import { isToken } from './text.ts';

export { isToken, MAX_FIELD_BYTES } from './text.ts';

/**
 * The fields of an event, and its identity: two of one kind that agree in all of them are one event, wherever and
 * however often they were sent. All kinds have the same fields and rules, first written for clicks, whose name they
 * have. `click_timestamp` is in epoch milliseconds.
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
  'unknown_event',
  'bad_json',
  'duplicate_field',
  'unknown_field',
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
  'wrong_event',
] as const;

export type RejectReason = (typeof REJECT_REASONS)[number];

/** `kind` of a line without a valid event: null if the line does not tell. */
export type Parsed =
  | { ok: true; kind: EventKind; click: Click; annotations: Annotations; leftOut: number }
  | { ok: false; kind: EventKind | null; reason: RejectReason };

export const rejected = (reason: RejectReason, kind: EventKind | null = null): Parsed => ({ ok: false, kind, reason });

/** Fields as a line spells them, trimmed. */
interface Spelled {
  /** Epoch milliseconds, or null if it is no time. */
  time: number | null;
  ad_id: string;
  user_id: string;
  ip: string;
  country: string;
  /** '' in a line without one. */
  event_id: string;
}

/** Others may become letters of a country in upper case: `ß` becomes `SS`. */
const isAsciiLetters = (text: string): boolean => /^[A-Za-z]*$/.test(text);

/** @param placeId event id for a line without one */
export function parsedEvent(
  kind: EventKind,
  { time, ad_id, user_id, ip, country, event_id }: Spelled,
  { kept: annotations, leftOut }: { kept: Annotations; leftOut: number },
  placeId: string,
  nowMs: number,
): Parsed {
  if (time === null) return rejected('bad_time', kind);
  const click = {
    event_id: event_id === '' ? placeId : event_id,
    ad_id,
    click_timestamp: time,
    user_id,
    ip: canonicalIp(ip),
    country: isAsciiLetters(country) ? country.toUpperCase() : country,
  };
  const reason = faultOf(click, nowMs);
  return reason === null ? { ok: true, kind, click, annotations, leftOut } : rejected(reason, kind);
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

const [UPPER_A, UPPER_Z] = [65, 90];

function isCountry(text: string): boolean {
  if (text.length !== 2 && text.length !== 3) return false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < UPPER_A || code > UPPER_Z) return false;
  }
  return true;
}
