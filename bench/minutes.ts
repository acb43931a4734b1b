import type { AdMinute } from '../../domain/ad_minutes.ts';
import { MINUTE_MS } from '../../domain/time.ts';

const ADS = 2_000;

/** Ad-minutes in the order that minutes close in: all ads of one, then all of the next. */
export function* minutesOf(startMs: number, rows: number): Generator<AdMinute> {
  for (let n = 0; n < rows; n++) {
    const [minute, ad] = [Math.floor(n / ADS), n % ADS];
    yield [startMs + minute * MINUTE_MS, `bench-${ad}`, 'USA', 1 + ((minute * 7 + ad) % 5)];
  }
}
