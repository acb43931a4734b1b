import { type Finality, finalityOf, type PublishedRun } from '../../domain/receipt.ts';
import { MINUTE_MS } from '../../domain/time.ts';
import { type Range, stretchesOf } from './ranges.ts';

/** Windows of a size over a range, one starting every hop: tumbling if both are equal, else hopping or sliding. */
export interface Series extends Range {
  sizeMs: number;
  hopMs: number;
}

/** Pieces of equal length, counted from `startMs`. */
export interface Grid {
  startMs: number;
  pieceMs: number;
}

/** Windows of any lengths over a range, and the pieces that they are summed from. */
export interface Windowing {
  windows: Range[];
  grid: Grid;
  /** Whether pieces can be summed from stored minutes. */
  isOfMinutes: boolean;
  /**
   * The events of each window.
   * @param pieces number of a piece → its events; an absent one had none
   */
  sums(pieces: ReadonlyMap<number, number>): number[];
}

export const regularWindowing = (series: Series): Windowing => ({
  windows: windowsOf(series),
  grid: { startMs: series.fromMs, pieceMs: pieceMs(series) },
  isOfMinutes: isOfMinutes(series),
  sums: (pieces) => sumPieces(series, pieces),
});

export const MAX_POINTS = 2_000;
/** Windows are summed from pieces, which are what is counted. */
export const MAX_PIECES = 100_000;

/** The greatest length that divides both size and hop: every window is whole pieces, except at the range's end. */
export function pieceMs({ sizeMs, hopMs }: Pick<Series, 'sizeMs' | 'hopMs'>): number {
  let [a, b] = [sizeMs, hopMs];
  while (b > 0) [a, b] = [b, a % b];
  return a;
}

/** Whether pieces can be summed from stored minutes. */
export const isOfMinutes = (series: Series): boolean =>
  [series.fromMs, series.toMs, pieceMs(series)].every((ms) => ms % MINUTE_MS === 0);

export const seriesPoints = ({ fromMs, toMs, hopMs }: Series): number => Math.ceil((toMs - fromMs) / hopMs);
export const piecesOf = (series: Series): number => Math.ceil((series.toMs - series.fromMs) / pieceMs(series));

/** In order. The first starts with the range; those that would reach beyond its end, end with it. */
export function windowsOf(series: Series): Range[] {
  const { fromMs, toMs, sizeMs, hopMs } = series;
  return Array.from({ length: seriesPoints(series) }, (_, n) => {
    const startMs = fromMs + n * hopMs;
    return { fromMs: startMs, toMs: Math.min(startMs + sizeMs, toMs) };
  });
}

/**
 * The clicks of each window.
 * @param pieces number of a piece → its clicks; an absent one had none
 */
export function sumPieces(series: Series, pieces: ReadonlyMap<number, number>): number[] {
  const length = pieceMs(series);
  const before = [0];
  for (let n = 0; n < piecesOf(series); n++) before.push((before[n] ?? 0) + (pieces.get(n) ?? 0));
  const upTo = (ms: number): number => before[Math.ceil((ms - series.fromMs) / length)] ?? 0;
  return windowsOf(series).map(({ fromMs, toMs }) => upTo(toMs) - upTo(fromMs));
}

/** Finality of each window, by the runs of its own days: final only if every UTC day that it touches is. */
export const finalitiesOf = (windows: Range[], published: ReadonlyMap<string, PublishedRun>): Finality[] =>
  windows.map((window) => {
    const runs = stretchesOf(window, published).map(({ run }) => run);
    const ofRuns = runs.filter((run) => run !== null);
    return finalityOf(ofRuns.length === runs.length, ofRuns);
  });
