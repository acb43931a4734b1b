import { z } from 'zod';
import { count, day, longListOf } from './fields.ts';
import { filterRevision } from './filters/filter_revision.ts';
import { messageVersion, parsedMessage } from './message_version.ts';
import type { Source } from './names.ts';

/** Clicks of one ad in one minute from one country: `[minuteMs, adId, country, clicks]`, an absolute count. */
export type AdMinute = [minuteMs: number, adId: string, country: string, clicks: number];

function isAdMinute(row: unknown): row is AdMinute {
  if (!Array.isArray(row) || row.length !== 4) return false;
  const [minuteMs, adId, country, clicks] = row;
  return isWhole(minuteMs) && typeof adId === 'string' && typeof country === 'string' && isWhole(clicks) && clicks >= 0;
}

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);

const rows = longListOf(isAdMinute, 'rows', '[minuteMs, adId, country, clicks]');

/** Number of rows of one kind (one document each), and the sum of their clicks. */
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
 * that every row of earlier minutes has been sent. Runs use only the last partition, so that a nightly run's rows do
 * not delay real-time ones. The order there is: minutes, hours, `run-complete`, later `run-current`;
 * `realtime-given-up` and `former-runs-given-up` are sent there too.
 *
 * A message with an unknown field is refused: the field may change the meaning of the others, as `filter` does.
 */
const adMinutesMessage = z.discriminatedUnion('kind', [
  /** Rows count all clicks, or with `filter` only the clicks that the registered filter matches. */
  z.strictObject({
    kind: z.literal('minutes'),
    v: messageVersion,
    day,
    source,
    filter: z.strictObject(filterRevision.shape).exactOptional(),
    rows,
  }),
  /**
   * `filters`: registered filters whose rows were also sent, and the first minute of those rows (epoch ms).
   * `version`: of several the highest holds (message_version.ts).
   */
  z.strictObject({
    kind: z.literal('closed-to'),
    v: messageVersion,
    version: count.exactOptional(),
    boundaryMs: z.int(),
    watermarkMs: z.int(),
    filters: filtersSince.exactOptional(),
  }),
  /** A run's minutes (all clicks) aggregated by hour: the same row format, with the start of the hour as the time. */
  z.strictObject({ kind: z.literal('hours'), v: messageVersion, day, run, rows }),
  /** How many rows and clicks were sent. `hours` is absent in messages written before runs had hourly rows. */
  z.strictObject({
    kind: z.literal('run-complete'),
    v: messageVersion,
    day,
    run,
    ...totals.shape,
    hours: z.strictObject(totals.shape).exactOptional(),
  }),
  /**
   * `run` 0: the day is back at its real-time counts. `seq` comes from the ledger; messages with a lower one than
   * already seen are ignored.
   */
  z.strictObject({ kind: z.literal('run-current'), v: messageVersion, day, run: count, seq: count }),
  /**
   * Real-time counts of these days may decrease: the indexed real-time rows must no longer be used to answer for them.
   */
  z.strictObject({ kind: z.literal('realtime-given-up'), v: messageVersion, days: z.array(day) }),
  /** No run of these days is held any more but the current one, and one that is being sent. */
  z.strictObject({ kind: z.literal('former-runs-given-up'), v: messageVersion, days: z.array(day) }),
]);
export type AdMinutesMessage = z.infer<typeof adMinutesMessage>;

export const encodeMessage = (message: AdMinutesMessage): string => JSON.stringify(message);
/** Throws a ParseError if it is none, a NewerVersionError if it is of a later release. */
export const decodeMessage = (value: Buffer | null): AdMinutesMessage =>
  parsedMessage(adMinutesMessage, value, 'not a message of ad-minutes');

export const runsPartition = (partitions: number): number => partitions - 1;
/** Partitions that carry real-time rows and `closed-to`. */
export const realtimePartitions = (partitions: number): number[] => Array.from({ length: partitions - 1 }, (_, i) => i);
