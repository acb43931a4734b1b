import { DAY_MS } from './time.ts';

/** RAW_DAYS, if it is not set. */
export const RAW_DAYS = 30;
/** RAW_DAYS cannot be less. */
export const FEWEST_RAW_DAYS = 7;
/** REJECTED_DAYS, if it is not set. */
export const REJECTED_DAYS = 365;
/** REJECTED_DAYS cannot be less. */
export const FEWEST_REJECTED_DAYS = 7;
/** REALTIME_INDEX_DAYS, if it is not set. */
export const REALTIME_INDEX_DAYS = 7;
/** MINUTE_DAYS, if it is not set. */
export const MINUTE_DAYS = 400;
/** MINUTE_DAYS cannot be less: nightly runs and corrections of the last month compare minutes. */
export const FEWEST_MINUTE_DAYS = 31;
/** Operators were told that they may drop minutes after so many days, before there was a record of what is gone. */
const UNRECORDED_MINUTES_DAYS = 365;

const monthStartMs = (ms: number): number => Date.UTC(new Date(ms).getUTCFullYear(), new Date(ms).getUTCMonth());

/**
 * Raw rows that arrived since then are to be kept: whole months of arrival (the table's partitions) may be dropped this
 * many days after their end. What has been dropped is on record (infra/raw_kept.ts).
 */
export const rawKeptSinceMs = (nowMs: number, days = RAW_DAYS): number => monthStartMs(nowMs - days * DAY_MS);

/** Start of what is kept of real-time minutes, which are also dropped by months of arrival. */
export const minutesKeptSinceMs = (nowMs: number): number => monthStartMs(nowMs - UNRECORDED_MINUTES_DAYS * DAY_MS);

/** Minutes of a run are kept at least until its day is this old. */
export const runMinutesKeptSinceMs = (nowMs: number): number => nowMs - UNRECORDED_MINUTES_DAYS * DAY_MS;

/** The start of a month such as 202601. */
export const monthMs = (month: number): number => Date.UTC(Math.floor(month / 100), (month % 100) - 1);

/** 202601 */
export const monthNumber = (ms: number): number => Number(new Date(ms).toISOString().slice(0, 7).replace('-', ''));

/** Minutes that are on record as gone: of a run of a day, or (run 0) in real time those that arrived in a month. */
export interface Gone {
  day: string;
  run: number;
  /** Such as 202601; 0 for a run. */
  month: number;
}

export const isRunGone = (gone: Gone[], { day, run }: Pick<Gone, 'day' | 'run'>): boolean =>
  gone.some((one) => one.day === day && one.run === run && run > 0);

export const goneKey = ({ day, run, month }: Gone): string => `${day}/${run}/${month}`;
