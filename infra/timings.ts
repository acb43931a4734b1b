/**
 * How long processes wait before they notice one another: pauses before a restart, the session of a consumer group,
 * polls for requests. Tests and kill matrices wait for these most of their time, so they may have them shorter; every
 * other wait is the same for both.
 */
const PRODUCTION = {
  /** A member of a consumer group that is silent for so long loses its partitions. */
  groupSessionMs: 10_000,
  groupHeartbeatMs: 1_500,
  /** Pause before the first restart of a process that ended; it doubles with each failure in a row. */
  firstRestartMs: 500,
  longestRestartMs: 10_000,
  /** How often the nightly role looks for runs that were asked for. */
  runRequestPollMs: 2_000,
  /** How often the archive role looks for requests to flush. */
  flushRequestPollMs: 500,
  /** A sink that was told to pause goes on by itself when it has not heard of the replay for so long. */
  pauseLeaseMs: 20_000,
  pauseExtendMs: 4_000,
  /** The replay believes in its lease for a little less, so that nothing is begun at its very end. */
  pauseMarginMs: 3_000,
};

const SHORT: typeof PRODUCTION = {
  groupSessionMs: 4_000,
  groupHeartbeatMs: 700,
  firstRestartMs: 100,
  longestRestartMs: 1_000,
  runRequestPollMs: 300,
  flushRequestPollMs: 100,
  pauseLeaseMs: 8_000,
  pauseExtendMs: 1_500,
  pauseMarginMs: 1_500,
};

/** `CLICKLEDGER_TIMINGS=short` is for tests only. */
export const TIMINGS = process.env.CLICKLEDGER_TIMINGS === 'short' ? SHORT : PRODUCTION;
