/**
 * All that the page calculates from counts of answers. Counts themselves come from answers only, and null is what
 * cannot be told.
 */

export interface Change {
  difference: number;
  /** The difference as a part of the count before; null if that was 0. */
  ratio: number | null;
}

export function changeOf(now: number | null | undefined, before: number | null | undefined): Change | null {
  if (now == null || before == null) return null;
  return { difference: now - before, ratio: ratioOf(now - before, before) };
}

export function ratioOf(part: number | null | undefined, whole: number | null | undefined): number | null {
  return part == null || whole == null || whole === 0 ? null : part / whole;
}

/** Null for a range that has not begun. */
export const perMinute = (count: number, ms: number): number | null => (ms <= 0 ? null : (count * 60_000) / ms);

/** Places gained since the list before, `new` for who was not in it, null if there was no list. */
export function rankChange(id: string, rank: number, before: readonly string[] | null): number | 'new' | null {
  if (before === null) return null;
  const was = before.indexOf(id);
  return was === -1 ? 'new' : was - rank;
}

interface Measured {
  count: number | null;
  isComplete: boolean;
}

/** The mean of complete windows: one that is still open would pull it down. */
export function meanOf(points: readonly Measured[]): number | null {
  const counts = points.flatMap(({ count, isComplete }) => (isComplete && count !== null ? [count] : []));
  return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0) / counts.length;
}
