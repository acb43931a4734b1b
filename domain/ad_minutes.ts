import { z } from 'zod';
import { count, day } from './fields.ts';
import { filterRevision } from './filters/filter_revision.ts';
import type { Source } from './names.ts';
import { parsedJson } from './parse.ts';

/** Clicks of one ad in one minute from one country: `[minuteMs, adId, country, clicks]`, an absolute count. */
export type AdMinute = [minuteMs: number, adId: string, country: string, clicks: number];

/** A message has thousands of rows, and the indexer takes up hundreds of thousands a second: they are checked by hand. */
const rows = z.custom<AdMinute[]>(Array.isArray, 'expected a list of rows').check(({ value, issues }) => {
  for (let i = 0; i < value.length; i++) {
    if (isAdMinute(value[i])) continue;
    issues.push({ code: 'custom', input: value, path: [i], message: 'expected [minuteMs, adId, country, clicks]' });
    return;
  }
});

function isAdMinute(row: unknown): row is AdMinute {
  if (!Array.isArray(row) || row.length !== 4) return false;
  const [minuteMs, adId, country, clicks] = row;
  return isWhole(minuteMs) && typeof adId === 'string' && typeof country === 'string' && isWhole(clicks) && clicks >= 0;
}

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);

/** Rows of one kind, each a document, and the clicks in them. */
export const totals = z.object({ documents: count, clicks: count });
export type Totals = z.infer<typeof totals>;

/** `filterId.revision` → the first minute that the real-time rows of the filter are complete from; epoch ms. */
export const filtersSince = z.record(z.string(), z.int());
export type FiltersSince = z.infer<typeof filtersSince>;

const run = z.int().min(1);
const source = z.custom<Source>(
  (value) => typeof value === 'string' && /^(rt|r\d+)$/.test(value),
  'expected rt or r<run>',
);

/**
 * A message on `ad-minutes`. Real-time rows go to any partition but the last, each followed by `closed-to`, which says
 * that every row of the minutes before it was sent. Runs have the last partition to themselves, so that a night's
 * rows do not stand in the way of the present, and stand there in order: minutes, hours, `run-complete`, later `run-current`;
 * `realtime-given-up` goes there too.
 *
 * A message with a field that is not known is refused: it may change what the others mean, as `filter` does.
 */
const adMinutesMessage = z.discriminatedUnion('kind', [
  /** Without `filter` the rows are of all clicks, else of those that a registered filter lets through. */
  z.strictObject({
    kind: z.literal('minutes'),
    day,
    source,
    filter: z.strictObject(filterRevision.shape).exactOptional(),
    rows,
  }),
  /** `filters`: those whose rows were sent as well, each from some minute on (epoch ms). */
  z.strictObject({
    kind: z.literal('closed-to'),
    boundaryMs: z.int(),
    watermarkMs: z.int(),
    filters: filtersSince.exactOptional(),
  }),
  /** The minutes of a run (all clicks) summed up by hours: rows as those of minutes are, with the beginning of the hour. */
  z.strictObject({ kind: z.literal('hours'), day, run, rows }),
  /** How much of each was sent. `hours` is absent in what was sent before runs had any. */
  z.strictObject({
    kind: z.literal('run-complete'),
    day,
    run,
    ...totals.shape,
    hours: z.strictObject(totals.shape).exactOptional(),
  }),
  /** `run` 0: the day is back at its real-time counts. `seq` is the ledger's; a lower one than seen is ignored. */
  z.strictObject({ kind: z.literal('run-current'), day, run: count, seq: count }),
  /** Real-time counts of these days may go down: they are no longer to be answered from what was sent of them. */
  z.strictObject({ kind: z.literal('realtime-given-up'), days: z.array(day) }),
]);
export type AdMinutesMessage = z.infer<typeof adMinutesMessage>;

export const encodeMessage = (message: AdMinutesMessage): string => JSON.stringify(message);
/** Throws a ParseError if it is none. */
export const decodeMessage = (value: Buffer | null): AdMinutesMessage =>
  parsedJson(adMinutesMessage, String(value), 'not a message of ad-minutes');

export const runsPartition = (partitions: number): number => partitions - 1;
/** Partitions that carry real-time rows and `closed-to`. */
export const realtimePartitions = (partitions: number): number[] => Array.from({ length: partitions - 1 }, (_, i) => i);
