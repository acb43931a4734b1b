/** The data of a generated click line: the truth that every store is compared with. */
export interface Fact {
  ad: string;
  /** Epoch milliseconds. */
  at: number;
  user: string;
  ip: string;
  country: string;
  /** Null: the line has no id, and is a separate click even if it equals another one. */
  id: string | null;
}

export function lineOf({ ad, at, user, ip, country, id }: Fact): string {
  const time = new Date(at).toISOString().replace('T', ' ').replace('Z', '');
  return `[AdClickEvent] ${ad}, ${time}, ${user}, ${ip}, ${country}${id === null ? '' : `, ${id}`}`;
}

/** `ad|minute|country` → clicks. */
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
  /** Clicks of the truth that the store lacks. */
  lost: number;
  /** Clicks of the store beyond the truth. */
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
