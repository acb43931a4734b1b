import type { FilterRevision } from './filters/filter_revision.ts';
import type { Source } from './names.ts';

/** Clicks of one ad in one minute from one country: `[minuteMs, adId, country, clicks]`, an absolute count. */
export type AdMinute = [minuteMs: number, adId: string, country: string, clicks: number];

/** Number of rows of one kind (one document each), and the sum of their clicks. */
export interface Totals {
  documents: number;
  clicks: number;
}

/** `filterId.revision` → the first minute that the real-time rows of the filter are complete from; epoch ms. */
export type FiltersSince = Record<string, number>;

/**
 * A message on `ad-minutes`. Real-time rows go to any partition but the last, each followed by `closed-to`, which says
 * that every row of earlier minutes has been sent. Runs use only the last partition, so that a nightly run's rows do
 * not delay real-time ones. The order there is: minutes, hours, `run-complete`, later `run-current`;
 * `realtime-given-up` is sent there too.
 */
export type AdMinutesMessage =
  /** Rows count all clicks, or with `filter` only the clicks that the registered filter matches. */
  | { kind: 'minutes'; day: string; source: Source; filter?: FilterRevision; rows: AdMinute[] }
  /** `filters`: registered filters whose rows were also sent, and the first minute of those rows (epoch ms). */
  | { kind: 'closed-to'; boundaryMs: number; watermarkMs: number; filters?: FiltersSince }
  /** A run's minutes (all clicks) aggregated by hour: the same row format, with the start of the hour as the time. */
  | { kind: 'hours'; day: string; run: number; rows: AdMinute[] }
  /** How many rows and clicks were sent. `hours` is absent in messages written before runs had hourly rows. */
  | ({ kind: 'run-complete'; day: string; run: number; hours?: Totals } & Totals)
  /**
   * `run` 0: the day is back at its real-time counts. `seq` comes from the ledger; messages with a lower one than
   * already seen are ignored.
   */
  | { kind: 'run-current'; day: string; run: number; seq: number }
  /**
   * Real-time counts of these days may decrease: the indexed real-time rows must no longer be used to answer for them.
   */
  | { kind: 'realtime-given-up'; days: string[] };

export const encodeMessage = (message: AdMinutesMessage): string => JSON.stringify(message);
/** Only our publisher and the nightly role write this topic; an invalid message is a bug that must surface. */
export function decodeMessage(value: Buffer | null): AdMinutesMessage {
  const message: unknown = value === null ? null : JSON.parse(value.toString());
  if (typeof message !== 'object' || message === null || !('kind' in message)) {
    throw new Error(`not a message of ad-minutes: ${value?.toString().slice(0, 200)}`);
  }
  return message as AdMinutesMessage;
}

export const runsPartition = (partitions: number): number => partitions - 1;
/** Partitions that carry real-time rows and `closed-to`. */
export const realtimePartitions = (partitions: number): number[] => Array.from({ length: partitions - 1 }, (_, i) => i);
