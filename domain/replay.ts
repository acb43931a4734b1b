import { z } from 'zod';

/**
 * How a replay (batch) and the sink (realtime) synchronize. Between its ranges the sink polls for pauses; while one is
 * in force it stops inserting, and acknowledges that. The replay stages new tables in its own database, and the name of
 * the clicks table there is its state: `clicks` while it is filled, DECIDED from the commit point on, EXCHANGED at the
 * end. Renaming it (by the replay) and dropping it under its first name (by the sink, when a pause has expired) exclude
 * each other: a replay happens completely or not at all.
 */
export const stagingOf = (database: string, replay: number): string => `${database}_replay_${replay}`;
export const DECIDED = 'decided_clicks';
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
