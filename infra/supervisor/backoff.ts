import { TIMINGS } from '../timings.ts';

const { firstRestartMs: FIRST_MS, longestRestartMs: LONGEST_MS } = TIMINGS;
/** Of readiness, behind which a failure counts as the first: it was not that the process could not run at all. */
const HEALTHY_MS = LONGEST_MS;

/** Pause before the restart that follows `failures` (1 or more) failures in a row. */
export const backoffMs = (failures: number): number => Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));

/** Failures in a row, now that a process ended that had been ready for `readyMs` (undefined: never was). */
export const failuresAfter = (failures: number, readyMs: number | undefined): number =>
  readyMs !== undefined && readyMs >= HEALTHY_MS ? 1 : failures + 1;
