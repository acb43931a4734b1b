import { type Mark, markOf } from './finality.ts';
import { nextStart, type Range, startOf, type Unit, windowsOf } from './zone.ts';

/** A window as a chart draws it and its table lists it. */
export interface Point {
  /** The part that was asked. */
  fromMs: number;
  toMs: number;
  /** When the whole window ends. */
  endMs: number;
  /** null: not known. */
  value: number | null;
  mark: Mark;
  /** The same window of the comparison; null: none, or not known. */
  before: number | null;
}

type Status = Exclude<Mark, 'open'>;

export interface Counted {
  /** ISO 8601, when the window begins. */
  from: string;
  value: number | null;
  status: Status;
}

interface Asked {
  range: Range;
  unit: Unit;
  zone: string;
}

/**
 * All windows of a question, also those that an answer leaves out.
 * @param absent what a window is that the answer does not have
 */
export function pointsOf(
  { range, unit, zone }: Asked,
  counted: readonly Counted[],
  absent: (window: Range) => { value: number | null; status: Status },
  before: readonly (number | null)[] = [],
): Point[] {
  const byStart = new Map(counted.map((one) => [startOf(Date.parse(one.from), unit, zone), one]));
  return windowsOf(range, unit, zone).map((window, n) => {
    const { value, status } = byStart.get(window.fromMs) ?? absent(window);
    return {
      fromMs: Math.max(window.fromMs, range.fromMs),
      toMs: Math.min(window.toMs, range.toMs),
      endMs: window.toMs,
      value,
      mark: markOf(status, window.toMs, range.toMs),
      before: before[n] ?? null,
    };
  });
}

/** Hours at which clocks have numbers. */
const STEPS = [1, 2, 3, 4, 6, 12];

/**
 * Where a chart has ticks: at beginnings of minutes and hours, and in the middle of days, weeks and months, whose name
 * is meant. Fewer, at those of longer windows, if there are too many.
 */
export function ticksOf(range: Range, unit: Unit, zone: string, most: number): number[] {
  const starts = (of: Unit): number[] =>
    windowsOf(range, of, zone)
      .map(({ fromMs }) => fromMs)
      .filter((ms) => ms >= range.fromMs);
  const coarser: Unit[] =
    unit === '1mo' ? ['1mo'] : unit.endsWith('m') ? ['5m', '15m', '1h', '1d'] : [unit, '1d', '1w', '1mo'];
  const fitting = coarser.map(starts).find((ticks) => ticks.length <= most && ticks.length > 1);
  const ticks = fitting ?? starts(unit.endsWith('m') ? '1h' : unit);
  const least = ticks.length / most;
  const step = STEPS.find((many) => many >= least) ?? Math.ceil(least);
  const isNamed = unit === '1d' || unit === '1w' || unit === '1mo';
  return ticks.filter((_, n) => n % step === 0).map((ms) => (isNamed ? (ms + nextStart(ms, unit, zone)) / 2 : ms));
}
