import type { AdMinute } from '../domain/ad_minutes.ts';
import { MINUTE_MS } from '../domain/time.ts';

const ROWS_PER_MESSAGE = 4_000;

export const adName = (ad: number): string => `bench-${ad}`;
export const clicksInMinute = (minute: number, ad: number): number => 1 + ((minute * 7 + ad) % 5);

/** Ad-minutes in the order in which minutes close: all ads of one, then all of the next. */
export function* minutesOf(startMs: number, rows: number, ads: number): Generator<AdMinute> {
  for (let n = 0; n < rows; n++) {
    const [minute, ad] = [Math.floor(n / ads), n % ads];
    yield [startMs + minute * MINUTE_MS, adName(ad), 'USA', clicksInMinute(minute, ad)];
  }
}

/** The same in groups of the size of a message. */
export function* messagesOf(startMs: number, rows: number, ads: number): Generator<AdMinute[]> {
  let message: AdMinute[] = [];
  for (const row of minutesOf(startMs, rows, ads)) {
    message.push(row);
    if (message.length < ROWS_PER_MESSAGE) continue;
    yield message;
    message = [];
  }
  if (message.length > 0) yield message;
}
