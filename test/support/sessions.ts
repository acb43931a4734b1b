/** Clicks of one user on one ad with pauses of at most the gap. Epoch milliseconds. */
interface Session {
  user_id: string;
  fromMs: number;
  /** Time of the last click. */
  toMs: number;
  clicks: number;
}

/**
 * Sessions ordered by first click, then by user. A pause of exactly the gap does not end one. Clicks outside the given
 * ones are unknown: a session is cut where the range is.
 */
export function sessionsOf(clicks: { user_id: string; ms: number }[], gapMs: number): Session[] {
  const sessions: Session[] = [];
  const lastOf = new Map<string, Session>();
  for (const { user_id, ms } of [...clicks].sort((a, b) => a.ms - b.ms)) {
    const last = lastOf.get(user_id);
    if (last && ms - last.toMs <= gapMs) {
      last.toMs = ms;
      last.clicks += 1;
      continue;
    }
    const begun = { user_id, fromMs: ms, toMs: ms, clicks: 1 };
    lastOf.set(user_id, begun);
    sessions.push(begun);
  }
  return sessions.sort((a, b) => a.fromMs - b.fromMs || Buffer.compare(Buffer.from(a.user_id), Buffer.from(b.user_id)));
}
