/**
 * How long processes wait before they notice one another: pauses before a restart, the session of a consumer group,
 * polls for requests. Tests and kill matrices wait for these most of their time, so they may have them shorter; every
 * other wait is the same for both.
 */
const PRODUCTION = {
  /** How often the log monitor looks for new lines. */
  logPollMs: 500,
  /** How often the publisher looks for what was counted since. */
  publishStepMs: 2_000,
  /** How long messages may wait for more of them to come: well under the session, since heartbeats come between. */
  archiveFetchMs: 1_000,
  indexerFetchMs: 500,
  /** A partition with few rows waiting is written this often, one with many each second: an insert costs as much as 4,000 rows. */
  smallBlockMs: 2_000,
  /** How often the sink asks whether a replay needs it to pause. */
  sinkPausePollMs: 1_000,
  /** A member of a consumer group that is silent for so long loses its partitions. */
  groupSessionMs: 10_000,
  groupHeartbeatMs: 1_500,
  /** Pause before the first restart of a process that ended; it doubles with each failure in a row. */
  firstRestartMs: 500,
  longestRestartMs: 10_000,
  /** How often the nightly role looks for runs that were asked for. */
  runRequestPollMs: 5_000,
  /** How often the archive role looks for requests to flush. */
  flushRequestPollMs: 500,
  /** A sink that was told to pause goes on by itself when it has not heard of the replay for so long. */
  pauseLeaseMs: 20_000,
  pauseExtendMs: 4_000,
  /** The replay believes in its lease for a little less, so that nothing is begun at its very end. */
  pauseMarginMs: 3_000,
};

const SHORT: typeof PRODUCTION = {
  logPollMs: 200,
  publishStepMs: 1_000,
  archiveFetchMs: 200,
  indexerFetchMs: 200,
  smallBlockMs: 1_000,
  sinkPausePollMs: 250,
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
