import { TIMINGS } from '../timings.ts';

interface Pauses {
  firstRestartMs: number;
  longestRestartMs: number;
}

/** Pause before the restart after `failures` (1 or more) failures in a row. */
export const backoffMs = (failures: number, { firstRestartMs, longestRestartMs }: Pauses = TIMINGS): number =>
  Math.min(longestRestartMs, firstRestartMs * 2 ** (failures - 1));

/**
 * Failures in a row after a process has ended that had been ready for `readyMs` (undefined: never was). Ready for as long
 * as the longest pause, it was able to run: a later failure counts as the first.
 */
export const failuresAfter = (
  failures: number,
  readyMs: number | undefined,
  { longestRestartMs }: Pauses = TIMINGS,
): number => (readyMs !== undefined && readyMs >= longestRestartMs ? 1 : failures + 1);
