import { ceilTo, HOUR_MS, MINUTE_MS } from '../../domain/time.ts';
import { beginsOf, type CalendarUnit, type Zone } from '../../domain/zone.ts';
import { clip, type Range } from './ranges.ts';
import { type Grid, MAX_POINTS, type Windowing } from './series.ts';

/** Hours, days, weeks or months of a zone that touch a range; the first and the last are cut to it. Null: too many. */
export function calendarWindowing(range: Range, zone: Zone, unit: CalendarUnit): Windowing | null {
  const begins = beginsOf(zone, unit, range, MAX_POINTS);
  if (begins.length > MAX_POINTS) return null;
  const windows = begins.map((fromMs, i) => clip({ fromMs, toMs: begins[i + 1] ?? range.toMs }, range));
  const grid = gridOf(range, begins.slice(1));
  return {
    windows,
    grid,
    isOfMinutes: [range.fromMs, range.toMs, ...begins.slice(1)].every((ms) => ms % MINUTE_MS === 0),
    sums(pieces) {
      const sums = windows.map(() => 0);
      for (const [piece, events] of pieces) {
        const n = windowAt(windows, Math.max(range.fromMs, grid.startMs + piece * grid.pieceMs));
        sums[n] = (sums[n] ?? 0) + events;
      }
      return sums;
    },
  };
}

/** The longest pieces of which none reaches over the end of a window. The first may begin before the range. */
function gridOf({ fromMs, toMs }: Range, inner: number[]): Grid {
  const [anchorMs = fromMs] = inner;
  const pieceMs = inner.reduce((length, ms) => divisor(length, ms - anchorMs), 0) || ceilTo(toMs - fromMs, HOUR_MS);
  // Not after the range begins: engines round towards zero.
  return { startMs: anchorMs - ceilTo(anchorMs - fromMs, pieceMs), pieceMs };
}

/** The greatest number that divides both. */
function divisor(a: number, b: number): number {
  let [larger, smaller] = [a, b];
  while (smaller > 0) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

/** Binary search: the number of the last window that begins by then. */
function windowAt(windows: Range[], ms: number): number {
  let [low, high] = [0, windows.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((windows[middle] as Range).fromMs <= ms) low = middle;
    else high = middle - 1;
  }
  return low;
}
