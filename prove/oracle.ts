import type { EventKind } from '../domain/event_kinds.ts';

/** The data of a generated line: the truth that every store is compared with. */
export interface Fact {
  /** Absent: a click. */
  event?: EventKind;
  ad: string;
  /** Epoch milliseconds. */
  at: number;
  user: string;
  ip: string;
  country: string;
  /** Null: the line has no id, and is a separate event even if it equals another one. */
  id: string | null;
}

const PREFIX = { click: '[AdClickEvent]', impression: '[AdImpressionEvent]', conversion: '[AdConversionEvent]' };

export function lineOf({ event = 'click', ad, at, user, ip, country, id }: Fact): string {
  const time = new Date(at).toISOString().replace('T', ' ').replace('Z', '');
  return `${PREFIX[event]} ${ad}, ${time}, ${user}, ${ip}, ${country}${id === null ? '' : `, ${id}`}`;
}

/** The same event as JSON. */
export const jsonLineOf = ({ event = 'click', ad, at, user, ip, country, id }: Fact): string =>
  JSON.stringify({ event, ad_id: ad, time: at, user_id: user, ip, country, id });

/** `ad|minute|country` → events. */
export type Counts = Map<string, number>;

export const keyOf = (ad: string, minuteMs: number, country: string): string => `${ad}|${minuteMs}|${country}`;

/** Counts facts with its own arithmetic: it shares no code with what it checks. */
export function perMinute(facts: Iterable<Fact>): Counts {
  const counts: Counts = new Map();
  for (const { ad, at, country } of facts) {
    const key = keyOf(ad, at - (at % 60_000), country);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

export interface Difference {
  counted: number;
  /** Events of the truth that the store lacks. */
  lost: number;
  /** Events of the store beyond the truth. */
  doubled: number;
}

/** Compares key by key: a deficit at one does not offset a surplus at another. */
export function compare(truth: Counts, got: Counts): Difference {
  const difference = { counted: 0, lost: 0, doubled: 0 };
  for (const clicks of got.values()) difference.counted += clicks;
  for (const key of new Set([...truth.keys(), ...got.keys()])) {
    const missing = (truth.get(key) ?? 0) - (got.get(key) ?? 0);
    if (missing > 0) difference.lost += missing;
    else difference.doubled -= missing;
  }
  return difference;
}
