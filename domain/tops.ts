import { z } from 'zod';
import { count } from './fields.ts';
import { parsedJson } from './parse.ts';
import { DAY_MS, MINUTE_MS } from './time.ts';

/** Minutes of the windows that have a top, and how many ads it lists. */
export const TOP_WINDOWS: readonly number[] = [1, 5, 15];
export const TOP_ADS = 1_000;
const LONGEST_MS = Math.max(...TOP_WINDOWS) * MINUTE_MS;
/** Windows that ended this long before the boundary, or longer, have none. */
const KEPT_MS = DAY_MS;

/** The most clicked ads of a window, most clicks first, then by ad. */
export type Top = [adId: string, clicks: number][];

/** Every few seconds there are thousands of entries: they are checked by hand. */
export const top = z.custom<Top>(Array.isArray, 'expected a list of ads').check(({ value, issues }) => {
  for (let i = 0; i < value.length; i++) {
    if (isEntry(value[i])) continue;
    issues.push({ code: 'custom', input: value, path: [i], message: 'expected [adId, clicks]' });
    return;
  }
});

function isEntry(entry: unknown): entry is Top[number] {
  if (!Array.isArray(entry) || entry.length !== 2) return false;
  return typeof entry[0] === 'string' && Number.isSafeInteger(entry[1]) && entry[1] >= 0;
}

/**
 * A message on `ad-tops`, which has one partition, so that what stands behind something comes after it.
 *
 * Each statement is absolute, about the windows that end at one instant, and has the number of messages of `clicks` that
 * were counted when it was made as its version: whatever comes late or twice, the newest stays. `changed` takes back
 * what was stated: clicks came since, and the windows are not counted anew yet. `tops-to` stands behind all statements
 * of a step: of the windows that end at or before the boundary and are kept, each that has changed by then was stated
 * anew or taken back. So what has a top then has the right one, as of that step or later.
 */
const topsMessage = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('top'), endMs: z.int(), window: z.int().min(1), version: count, ads: top }),
  z.strictObject({ kind: z.literal('changed'), endsMs: z.array(z.int()), version: count }),
  z.strictObject({ kind: z.literal('tops-to'), boundaryMs: z.int(), watermarkMs: z.int() }),
]);
export type TopsMessage = z.infer<typeof topsMessage>;

export const encodeTops = (message: TopsMessage): string => JSON.stringify(message);
/** Throws a ParseError if it is none. */
export const decodeTops = (value: Buffer | null): TopsMessage =>
  parsedJson(topsMessage, String(value), 'not a message of ad-tops');

export const isTopKept = (endMs: number, boundaryMs: number): boolean =>
  endMs <= boundaryMs && endMs > boundaryMs - KEPT_MS;

/** Where a top is found. The same a day later, whose statement is newer: of each time of day the last one is held. */
export const topId = (endMs: number, window: number): string => `${(endMs % KEPT_MS) / MINUTE_MS}:${window}`;

/** How many messages of the topics of clicks were counted. */
export const countedMessages = (offsets: ReadonlyMap<string, number>): number =>
  [...offsets.values()].reduce((sum, offset) => sum + offset, 0);

/**
 * Ends of kept windows that a step has to state anew: all that closed with it, and those that reach over a minute which
 * clicks came for. The latest first.
 * @param changed minutes that clicks came for
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
