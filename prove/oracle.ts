/** What a click line was made of: the truth that every store is held against. */
export interface Fact {
  ad: string;
  /** Epoch milliseconds. */
  at: number;
  user: string;
  ip: string;
  country: string;
  /** Null: the line brings no id, and is a click of its own however equal it is to another. */
  id: string | null;
}

export function lineOf({ ad, at, user, ip, country, id }: Fact): string {
  const time = new Date(at).toISOString().replace('T', ' ').replace('Z', '');
  return `[AdClickEvent] ${ad}, ${time}, ${user}, ${ip}, ${country}${id === null ? '' : `, ${id}`}`;
}

/** `ad|minute|country` → clicks. */
export type Counts = Map<string, number>;

export const keyOf = (ad: string, minuteMs: number, country: string): string => `${ad}|${minuteMs}|${country}`;

/** Counts facts with arithmetic of its own: it shares nothing with the code it is held against. */
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
  /** Clicks of the ledger that the store does not have. */
  lost: number;
  /** Clicks that the store has and the ledger has not. */
  doubled: number;
}

/** Key by key: what is missing at one does not make up for what is too much at another. */
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
