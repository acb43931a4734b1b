import type { FilterRevision } from './filters/filter_revision.ts';
import type { Source } from './names.ts';

/** Clicks of one ad in one minute from one country: `[minuteMs, adId, country, clicks]`, an absolute count. */
export type AdMinute = [minuteMs: number, adId: string, country: string, clicks: number];

/** Rows of one kind, each a document, and the clicks in them. */
export interface Totals {
  documents: number;
  clicks: number;
}

/** `filterId.revision` → the first minute that the real-time rows of the filter are complete from; epoch ms. */
export type FiltersSince = Record<string, number>;

/**
 * A message on `ad-minutes`. Real-time rows go to any partition but the last, each followed by `closed-to`, which says
 * that every row of the minutes before it was sent. Runs have the last partition to themselves, so that a night's
 * rows do not stand in the way of the present, and stand there in order: minutes, hours, `run-complete`, later `run-current`;
 * `realtime-given-up` goes there too.
 */
export type AdMinutesMessage =
  /** Without `filter` the rows are of all clicks, else of those that a registered filter lets through. */
  | { kind: 'minutes'; day: string; source: Source; filter?: FilterRevision; rows: AdMinute[] }
  /** `filters`: those whose rows were sent as well, each from some minute on (epoch ms). */
  | { kind: 'closed-to'; boundaryMs: number; watermarkMs: number; filters?: FiltersSince }
  /** The minutes of a run (all clicks) summed up by hours: rows as those of minutes are, with the beginning of the hour. */
  | { kind: 'hours'; day: string; run: number; rows: AdMinute[] }
  /** How much of each was sent. `hours` is absent in what was sent before runs had any. */
  | ({ kind: 'run-complete'; day: string; run: number; hours?: Totals } & Totals)
  /** `run` 0: the day is back at its real-time counts. `seq` is the ledger's; a lower one than seen is ignored. */
  | { kind: 'run-current'; day: string; run: number; seq: number }
  /** Real-time counts of these days may go down: they are no longer to be answered from what was sent of them. */
  | { kind: 'realtime-given-up'; days: string[] };

export const encodeMessage = (message: AdMinutesMessage): string => JSON.stringify(message);
/** Only our publisher and nightly write this topic; a message that is none is a fault that should be seen. */
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
