/** No two clocks may differ by more without its being shown: time synchronization keeps them within milliseconds. */
export const SKEW_LIMIT_MS = 5_000;
/** Each is compared with the broker's, so two that are within this of it are within the limit of one another. */
export const SKEW_TO_BROKER_LIMIT_MS = SKEW_LIMIT_MS / 2;

/** What a clock said, and between which times of this host's clock it did. */
export interface ClockReading {
  atMs: number;
  host: { fromMs: number; toMs: number };
}

/** This host's clock, of which nothing needs to be read. */
export const HOST_ITSELF: ClockReading = { atMs: 0, host: { fromMs: 0, toMs: 0 } };

/**
 * How far a clock is ahead of the broker's (negative: behind). Whatever the ways to both and back can explain is no
 * skew, so a slow answer raises no alarm.
 */
export function skewMs(clock: ClockReading, broker: ClockReading): number {
  const [ofClock, ofBroker] = [aheadOfHost(clock), aheadOfHost(broker)];
  const leastMs = ofClock.fromMs - ofBroker.toMs;
  return leastMs > 0 ? leastMs : Math.min(0, ofClock.toMs - ofBroker.fromMs);
}

const aheadOfHost = ({ atMs, host }: ClockReading) => ({ fromMs: atMs - host.toMs, toMs: atMs - host.fromMs });

/** A clock by its name, as it is said to people. */
export interface NamedTime {
  of: string;
  ms: number;
}

/**
 * The time by which a day must have ended to be final. That is the broker's, since clicks arrive by it; unless another
 * clock is behind it by more than the allowed lateness: then one of them is wrong, nobody knows which, and the day must
 * have ended by both.
 */
export function timeForDays(broker: NamedTime, others: readonly NamedTime[], latenessMs: number): NamedTime {
  const doubts = others.filter(({ ms }) => ms < broker.ms - latenessMs);
  return doubts.reduce((earliest, clock) => (clock.ms < earliest.ms ? clock : earliest), broker);
}
