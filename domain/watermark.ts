import { SKEW_LIMIT_MS } from './clocks.ts';
import { floorTo, MINUTE_MS } from './time.ts';

/** How far one partition of `clicks` has been counted. Times are arrival (broker append) times. */
export interface PartitionProgress {
  /** Everything appended before the lag was read is counted. */
  caughtUp: boolean;
  /** Arrival of the last counted message; null if there was none. */
  arrivedMs: number | null;
}

/**
 * The instant before which no more clicks are expected: the slowest partition minus the allowed lateness. An idle
 * partition counts as being at `nowMs`, so it cannot hold the watermark back; event times play no part, so a back-fill
 * or a clock ahead cannot move it. Null if a lagging partition has counted nothing yet.
 * @param nowMs by the broker's clock, read before the lag: what was appended later has arrived after it
 */
export function watermark(partitions: PartitionProgress[], nowMs: number, latenessMs: number): number | null {
  let slowest = nowMs;
  for (const partition of partitions) {
    if (partition.caughtUp) continue;
    if (partition.arrivedMs === null) return null;
    slowest = Math.min(slowest, partition.arrivedMs);
  }
  return slowest - latenessMs;
}

/** A minute is closed when the watermark has passed its end. */
export const isClosed = (minuteMs: number, watermarkMs: number): boolean => minuteMs + MINUTE_MS <= watermarkMs;

/**
 * Age of the newest instant up to which everything that arrived is counted, in ms. Null if the watermark lies further
 * ahead of the clock than clocks may differ: then it says nothing, and 0 would look like a platform that counts.
 */
export function freshnessMs(watermarkMs: number, latenessMs: number, nowMs: number): number | null {
  const ageMs = nowMs - latenessMs - watermarkMs;
  return ageMs < -SKEW_LIMIT_MS ? null : Math.max(0, ageMs);
}

/** The start of the first minute that is still open. */
export const boundaryOf = (watermarkMs: number): number => floorTo(watermarkMs, MINUTE_MS);

/**
 * Whether minutes were announced as closed whose end has not come. Only a clock ahead can have done that: the former
 * release went by its host's.
 * @param nowMs by the broker's clock
 */
export const isAhead = (boundaryMs: number, nowMs: number): boolean => boundaryMs > nowMs;
