import { z } from 'zod';

/**
 * How a replay (batch) and the sink (realtime) synchronize. Between its ranges the sink polls for pauses; while one is
 * in force it stops inserting, and acknowledges that. The replay stages new tables in a database of its own. How it
 * ends is decided by one key of the register: `decided` by the replay, which is its commit point, or `given up` by the
 * sink when a pause has expired. Only one of the two is made, so a replay happens completely or not at all.
 */
export const replayEnd = z.enum(['decided', 'given up']);

export const stagingOf = (database: string, replay: number): string => `${database}_replay_${replay}`;
/** The name that releases without a register gave the staged clicks at the commit point. */
export const DECIDED = 'decided_clicks';
/** Its name once everything is exchanged. */
export const EXCHANGED = 'exchanged_clicks';

/** The tables that are exchanged together with the clicks table. */
export const STAGED = ['copies_dropped', 'clicks_from_future', 'minutes_by_ad', 'minutes_by_minute'] as const;

/**
 * The sink pauses twice: while its tables are cloned, and while the last piece is filled and all tables are exchanged.
 */
export const pauseStep = z.enum(['clone', 'exchange']);
export type PauseStep = z.infer<typeof pauseStep>;

/** SQL of one replay; only its number and its database are substituted. */
export const ofReplay = (text: string, database: string, replay: number): string =>
  text.replaceAll('{replay}', String(replay)).replaceAll('{staging}', stagingOf(database, replay));
