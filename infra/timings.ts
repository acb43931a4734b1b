import type { EventKind } from '../domain/event_kinds.ts';

/**
 * Intervals after which processes notice one another: pauses before a restart, the session of a consumer group, polls
 * for requests. Tests and kill matrices spend most of their time waiting for these, so they may use shorter ones; all
 * other waits are the same for both.
 */
const PRODUCTION = {
  /** How often the log monitor polls for new lines. */
  logPollMs: 500,
  /** How often the publisher polls for newly counted clicks. */
  publishStepMs: 2_000,
  /** How long the sink lets messages wait for more of them to come. */
  sinkFetchMs: 250,
  /** How often a running role checks that topics and stores are still what they must be. */
  preflightMs: 30_000,
  /** How often a running role reads the broker's clock, and compares the others with it. */
  compareClocksMs: 60_000,
  /** How long messages may wait for more of them to come: well under the session, since heartbeats come between. */
  archiveFetchMs: 1_000,
  indexerFetchMs: 500,
  /**
   * A partition with few waiting rows is written this often, one with many each second: an insert costs as much as
   * 4,000 rows.
   */
  smallBlockMs: 2_000,
  /** How often the sink polls whether a replay needs it to pause. */
  sinkPausePollMs: 1_000,
  /** A member of a consumer group that is silent for this long loses its partitions. */
  groupSessionMs: 10_000,
  groupHeartbeatMs: 1_500,
  /** Pause before the first restart of a process that ended; it doubles with each failure in a row. */
  firstRestartMs: 500,
  longestRestartMs: 10_000,
  /** How often the nightly role polls for requested runs. */
  runRequestPollMs: 5_000,
  /** How often the archive role polls for flush requests. */
  flushRequestPollMs: 500,
  /** A paused sink continues by itself when the replay has not renewed its pause for this long. */
  pauseLeaseMs: 20_000,
  pauseExtendMs: 4_000,
  /** The replay assumes a slightly shorter lease, so that it starts nothing at its very end. */
  pauseMarginMs: 3_000,
};

/**
 * Other kinds than clicks may be counted half a minute later, and of many an installation nothing of them ever comes: they
 * are looked for less often. Where much comes, nobody waits for these: a fetch ends with enough bytes, a block with enough
 * rows. Fetches of sink and archive are as short as those of clicks: one without bytes, begun while the busy partitions are
 * full, keeps these waiting once they have room (with two seconds of it the sink counted 0.7 of the events).
 */
const OF_OTHERS: Partial<typeof PRODUCTION> = {
  publishStepMs: 10_000,
  indexerFetchMs: 2_000,
  sinkPausePollMs: 5_000,
  runRequestPollMs: 15_000,
  flushRequestPollMs: 2_000,
};

const SHORT: typeof PRODUCTION = {
  logPollMs: 200,
  publishStepMs: 1_000,
  sinkFetchMs: 250,
  preflightMs: 5_000,
  compareClocksMs: 20_000,
  archiveFetchMs: 300,
  indexerFetchMs: 300,
  smallBlockMs: 1_000,
  sinkPausePollMs: 400,
  groupSessionMs: 4_000,
  groupHeartbeatMs: 700,
  firstRestartMs: 100,
  longestRestartMs: 1_000,
  runRequestPollMs: 500,
  flushRequestPollMs: 100,
  pauseLeaseMs: 5_000,
  pauseExtendMs: 900,
  pauseMarginMs: 1_000,
};

/** `CLICKLEDGER_TIMINGS=short` is for tests only. */
export const TIMINGS = process.env.CLICKLEDGER_TIMINGS === 'short' ? SHORT : PRODUCTION;

/** The intervals of the work for one kind of event. */
export const timingsOf = (event: EventKind): typeof PRODUCTION =>
  event === 'click' || TIMINGS === SHORT ? TIMINGS : { ...TIMINGS, ...OF_OTHERS };
