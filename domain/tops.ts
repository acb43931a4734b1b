import { z } from 'zod';
import { count, longListOf } from './fields.ts';
import { messageVersion, parsedMessage } from './message_version.ts';
import { DAY_MS, MINUTE_MS } from './time.ts';

/** Lengths in minutes of the windows that have a top list, and the number of ads in it. */
export const TOP_WINDOWS: readonly number[] = [1, 5, 15];
export const TOP_ADS = 1_000;
const LONGEST_MS = Math.max(...TOP_WINDOWS) * MINUTE_MS;
/** Windows that ended this long before the boundary, or longer, have no top list. */
const KEPT_MS = DAY_MS;

/** The most clicked ads of a window, most clicks first, then by ad. */
export type Top = [adId: string, clicks: number][];

function isEntry(entry: unknown): entry is Top[number] {
  if (!Array.isArray(entry) || entry.length !== 2) return false;
  return typeof entry[0] === 'string' && Number.isSafeInteger(entry[1]) && entry[1] >= 0;
}

export const top = longListOf(isEntry, 'ads', '[adId, clicks]');

/**
 * A message on `ad-tops`, which has one partition, so messages are read in the order they were sent.
 *
 * Each `top` is absolute, for the windows that end at one instant. Its version is the number of `clicks` messages
 * counted when it was made: if messages come late or twice, the highest version wins. `changed` retracts lists: more
 * clicks came, and the windows have not been recounted yet. `tops-to` follows all messages of a step: among the kept
 * windows that end at or before the boundary, every one that had changed by then was restated or retracted. So a list
 * that is present at that point is correct, as of that step or later.
 */
const topsMessage = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('top'),
    v: messageVersion,
    endMs: z.int(),
    window: z.int().min(1),
    version: count,
    ads: top,
  }),
  z.strictObject({ kind: z.literal('changed'), v: messageVersion, endsMs: z.array(z.int()), version: count }),
  /** `version`: of several the highest holds (message_version.ts). */
  z.strictObject({
    kind: z.literal('tops-to'),
    v: messageVersion,
    version: count.exactOptional(),
    boundaryMs: z.int(),
    watermarkMs: z.int(),
  }),
]);
export type TopsMessage = z.infer<typeof topsMessage>;

export const encodeTops = (message: TopsMessage): string => JSON.stringify(message);
/** Throws a ParseError if it is none, a NewerVersionError if it is of a later release. */
export const decodeTops = (value: Buffer | null): TopsMessage =>
  parsedMessage(topsMessage, value, 'not a message of ad-tops');

export const isTopKept = (endMs: number, boundaryMs: number): boolean =>
  endMs <= boundaryMs && endMs > boundaryMs - KEPT_MS;

/** Document id of a top list, by time of day: the next day's list, which is newer, overwrites it. */
export const topId = (endMs: number, window: number): string => `${(endMs % KEPT_MS) / MINUTE_MS}:${window}`;

/** Number of messages counted over all click topics. */
export const countedMessages = (offsets: ReadonlyMap<string, number>): number =>
  [...offsets.values()].reduce((sum, offset) => sum + offset, 0);

/**
 * Ends of the kept windows that a step must restate: all that closed with it, and all that overlap a changed minute.
 * The latest first.
 * @param changed minutes that received clicks
 */
export function changedEnds(changed: Iterable<number>, closedFromMs: number, boundaryMs: number): number[] {
  const ends = new Set<number>();
  const add = (fromMs: number, toMs: number): void => {
    const last = Math.min(toMs, boundaryMs);
    const first = Math.max(fromMs + MINUTE_MS, boundaryMs - KEPT_MS + MINUTE_MS);
    for (let endMs = first; endMs <= last; endMs += MINUTE_MS) ends.add(endMs);
  };
  add(closedFromMs, boundaryMs);
  for (const minute of changed) add(minute, minute + LONGEST_MS);
  return [...ends].sort((a, b) => b - a);
}
