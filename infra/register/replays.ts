import { z } from 'zod';
import { replayEnd } from '../../domain/replay.ts';
import { lastNumber, numbered, type Register } from './register.ts';

const BEGUN = 'replays/begun/';
const ENDED = 'replays/ended/';
const record = z.object({ end: replayEnd });
type ReplayEnd = z.infer<typeof replayEnd>;

/** Takes a number for a replay: above all that were taken, also those that a restored ClickHouse does not know. */
export async function takeReplayNumber(register: Register, lastInClickHouse: number, facts: object): Promise<number> {
  for (;;) {
    const replay = Math.max(lastInClickHouse, lastNumber(await register.list(BEGUN))) + 1;
    if ((await register.create(`${BEGUN}${numbered(replay)}`, facts)) === 'made') return replay;
  }
}

/** Null: it may still end either way. */
export const endOf = async (register: Register, replay: number): Promise<ReplayEnd | null> =>
  (await register.read(record, `${ENDED}${numbered(replay)}`))?.end ?? null;

/** Ends a replay, and returns how it has ended: as asked, or as somebody else decided before. */
export async function endReplay(register: Register, replay: number, end: ReplayEnd): Promise<ReplayEnd> {
  if ((await register.create(`${ENDED}${numbered(replay)}`, { end })) === 'made') return end;
  const ended = await endOf(register, replay);
  if (ended === null) throw new Error(`the register holds no end of replay ${replay}, though it was made`);
  return ended;
}
