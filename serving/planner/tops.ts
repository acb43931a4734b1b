import { isAll } from '../../domain/filters/filter.ts';
import { dayOf, MINUTE_MS } from '../../domain/time.ts';
import { isTopKept, TOP_WINDOWS } from '../../domain/tops.ts';
import { freshnessMs } from '../../domain/watermark.ts';
import type { Question, ServingState } from './question.ts';

/** What the last `tops-to` said that the indexer has applied. */
export interface TopsState {
  boundaryMs: number;
  watermarkMs: number;
}

export interface Clock {
  nowMs: number;
  latenessMs: number;
}

/**
 * Tops are as of the last step of the publisher that was applied. Clicks that came for closed minutes since then are to
 * be counted within 10 seconds, so for half of that a step is new enough.
 */
const NEW_ENOUGH_MS = 5_000;

/** The window in minutes if there are tops of such: of all clicks, in one of a few lengths. */
export function topWindow(question: Question): number | null {
  const window = (question.toMs - question.fromMs) / MINUTE_MS;
  const isOfAll = question.adId === null && question.adPrefixes === undefined && isAll(question.filter);
  return isOfAll && question.asOfMs === null && TOP_WINDOWS.includes(window) ? window : null;
}

/** Whether what is stated of the window is stated as of now: it is closed and kept, and the last step is new enough. */
export const isStated = ({ toMs }: Question, tops: TopsState, { nowMs, latenessMs }: Clock): boolean =>
  isTopKept(toMs, tops.boundaryMs) && freshnessMs(tops.watermarkMs, latenessMs, nowMs) <= NEW_ENOUGH_MS;

/**
 * Whether real time answers for all of the window, as it was sent: a published day is its run's, and the counts of a day
 * that was given up may have been made anew since.
 */
export function isOfRealtime(
  { fromMs, toMs }: Question,
  { published, givenUp, boundaryMs }: Pick<ServingState, 'published' | 'givenUp' | 'boundaryMs'>,
): boolean {
  // Then it is not known either which days were given up.
  if (boundaryMs === null) return false;
  const days = [dayOf(fromMs), dayOf(toMs - 1)];
  return days.every((day) => !published.has(day) && !givenUp.has(day));
}
