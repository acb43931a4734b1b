import { TIMINGS } from '../timings.ts';

const { firstRestartMs: FIRST_MS, longestRestartMs: LONGEST_MS } = TIMINGS;
/** Ready for this long, a later failure counts as the first: the process was able to run. */
const HEALTHY_MS = LONGEST_MS;

/** Pause before the restart after `failures` (1 or more) failures in a row. */
export const backoffMs = (failures: number): number => Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));

/** Failures in a row after a process has ended that had been ready for `readyMs` (undefined: never was). */
export const failuresAfter = (failures: number, readyMs: number | undefined): number =>
  readyMs !== undefined && readyMs >= HEALTHY_MS ? 1 : failures + 1;
