/** Clicks of one user on one ad with no longer pause than a gap between one and the next. Epoch milliseconds. */
interface Session {
  user_id: string;
  fromMs: number;
  /** The last click. */
  toMs: number;
  clicks: number;
}

/**
 * Sessions in the order of their first clicks, then of their users. A pause of exactly the gap does not end one, and
 * what happened outside these clicks is not known to it: a session is cut where a range is.
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
