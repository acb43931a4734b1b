import { HOUR_MS } from '../../domain/time.ts';
import { slicesOf } from './slices.ts';

/** Hours `[from, to)` of a day, which one statement counts. */
export interface HourSlice {
  from: number;
  to: number;
}

const HOURS = 24;
export const WHOLE_DAY: HourSlice = { from: 0, to: HOURS };

/**
 * Splits a day so that a statement counts an hour, or several if they have no more than `most` rows together. Every hour is
 * in exactly one slice, also those without rows.
 * @param minutes number of rows of each minute
 */
export function hourSlices(minutes: { minuteMs: number; rows: number }[], dayMs: number, most: number): HourSlice[] {
  const rows = new Array<number>(HOURS).fill(0);
  for (const { minuteMs, rows: ofMinute } of minutes) {
    const hour = Math.floor((minuteMs - dayMs) / HOUR_MS);
    rows[hour] = (rows[hour] ?? 0) + ofMinute;
  }
  const hours = rows.map((ofHour, hour) => ({ minuteMs: dayMs + hour * HOUR_MS, rows: ofHour }));
  const hourOf = (ms: number): number => Math.floor((ms - dayMs) / HOUR_MS);
  return slicesOf(hours, most).map(({ fromMs, toMs }) => ({ from: hourOf(fromMs), to: hourOf(toMs) + 1 }));
}
