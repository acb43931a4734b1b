import { MINUTE_MS } from '../../domain/time.ts';

/** Whole minutes `[fromMs, toMs)`, to be read in this number of pieces. */
export interface Slice {
  fromMs: number;
  toMs: number;
  pieces: number;
}

/**
 * Splits a day so that no piece has many more rows than `most`, and each minute is in one slice only.
 * @param minutes number of rows of each non-empty minute, in order
 */
export function slicesOf(minutes: { minuteMs: number; rows: number }[], most: number): Slice[] {
  const slices: Slice[] = [];
  let room = 0;
  for (const { minuteMs, rows } of minutes) {
    const last = slices.at(-1);
    if (last && rows <= room) last.toMs = minuteMs + MINUTE_MS;
    else {
      slices.push({ fromMs: minuteMs, toMs: minuteMs + MINUTE_MS, pieces: Math.max(1, Math.ceil(rows / most)) });
      room = most;
    }
    room -= rows;
  }
  return slices;
}
