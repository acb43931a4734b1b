import { isAll } from '../../domain/filters/filter.ts';
import { dayOf, MINUTE_MS } from '../../domain/time.ts';
import { isTopKept, TOP_WINDOWS } from '../../domain/tops.ts';
import { freshnessMs } from '../../domain/watermark.ts';
import { isSeen } from './plan.ts';
import type { Question, ServingState } from './question.ts';

/** The last `tops-to` message that the indexer has applied. */
export interface TopsState {
  boundaryMs: number;
  watermarkMs: number;
}

export interface Clock {
  nowMs: number;
  latenessMs: number;
}

/**
 * Top lists are as of the last applied publisher step. Late clicks must be counted within 10 seconds, so a step of half
 * that age is recent enough.
 */
const MAX_STEP_AGE_MS = 5_000;

/** The window in minutes if top lists exist for it: for all clicks, with one of a few lengths. */
export function topWindow(question: Question): number | null {
  const window = (question.toMs - question.fromMs) / MINUTE_MS;
  const isOfAll = question.adId === null && question.adPrefixes === undefined && isAll(question.filter);
  return isOfAll && question.asOfMs === null && TOP_WINDOWS.includes(window) ? window : null;
}

/**
 * Whether the window's published list is current: the window is closed and kept, and the last step is recent enough.
 */
export function isCurrentTop({ toMs }: Question, tops: TopsState, { nowMs, latenessMs }: Clock): boolean {
  const ageMs = freshnessMs(tops.watermarkMs, latenessMs, nowMs);
  return isTopKept(toMs, tops.boundaryMs) && ageMs !== null && ageMs <= MAX_STEP_AGE_MS;
}

/**
 * Whether real time, as published, answers for the whole window: a published day belongs to its run, and the counts of
 * a given-up day may have been recounted since.
 */
export function isOfRealtime(
  { fromMs, toMs }: Question,
  { published, boundaryMs, ...search }: Pick<ServingState, 'published' | 'givenUp' | 'seenFromMs' | 'boundaryMs'>,
): boolean {
  // Then it is not known either which days were given up.
  if (boundaryMs === null) return false;
  const days = [dayOf(fromMs), dayOf(toMs - 1)];
  return days.every((day) => !published.has(day) && isSeen(day, search));
}
