/**
 * What a replay (batch) and the sink (realtime) meet at. Between its ranges the sink looks for pauses; while one is in
 * force it stands, and says so. The replay stages new tables in a database of its own, and the name of its table of
 * clicks says how far things are: `clicks` while it is filled, DECIDED from the commit point on, EXCHANGED in the end.
 * Renaming it (the replay) and dropping it under its first name (the sink, when a pause has run out) exclude one another:
 * so either nothing comes of the replay, or all of it.
 */
export const stagingOf = (replay: number): string => `ads_replay_${replay}`;
export const DECIDED = 'decided_clicks';
export const EXCHANGED = 'exchanged_clicks';

/** The tables beside the clicks themselves that are exchanged with them. */
export const STAGED = ['copies_dropped', 'clicks_from_future', 'minutes_by_ad', 'minutes_by_minute'] as const;

/** The sink stands twice: while its tables are cloned, and while the last piece is filled and all is exchanged. */
export type PauseStep = 'clone' | 'exchange';

/** SQL of one replay: numbers are all that it is filled with. */
export const ofReplay = (text: string, replay: number): string => text.replaceAll('{replay}', String(replay));
