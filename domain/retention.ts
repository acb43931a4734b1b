import { DAY_MS } from './time.ts';

const RAW_DAYS = 30;
const MINUTES_DAYS = 365;

const monthStartMs = (ms: number): number => Date.UTC(new Date(ms).getUTCFullYear(), new Date(ms).getUTCMonth());

/**
 * Raw clicks that arrived since then are all kept. Whole months of arrival (the table's partitions) are dropped this
 * many days after their end.
 */
export const rawKeptSinceMs = (nowMs: number): number => monthStartMs(nowMs - RAW_DAYS * DAY_MS);

/** Start of what is kept of real-time minutes, which are also dropped by months of arrival. */
export const minutesKeptSinceMs = (nowMs: number): number => monthStartMs(nowMs - MINUTES_DAYS * DAY_MS);

/** Minutes of a run are kept at least until its day is this old. */
export const runMinutesKeptSinceMs = (nowMs: number): number => nowMs - MINUTES_DAYS * DAY_MS;

/** 202601 */
export const monthNumber = (ms: number): number => Number(new Date(ms).toISOString().slice(0, 7).replace('-', ''));
