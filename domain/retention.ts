import { DAY_MS } from './time.ts';

const RAW_DAYS = 30;
const MINUTES_DAYS = 365;

const monthStartMs = (ms: number): number => Date.UTC(new Date(ms).getUTCFullYear(), new Date(ms).getUTCMonth());

/**
 * Raw clicks that arrived since then are all kept. They go by whole months of arrival, which their table is partitioned
 * by, once a month is over for this many days.
 */
export const rawKeptSinceMs = (nowMs: number): number => monthStartMs(nowMs - RAW_DAYS * DAY_MS);

/** The same of minutes in real time, which go by months of arrival, too. */
export const minutesKeptSinceMs = (nowMs: number): number => monthStartMs(nowMs - MINUTES_DAYS * DAY_MS);

/** Minutes of a run are there at least until its day is so old. */
export const runMinutesKeptSinceMs = (nowMs: number): number => nowMs - MINUTES_DAYS * DAY_MS;

/** 202601 */
export const monthNumber = (ms: number): number => Number(new Date(ms).toISOString().slice(0, 7).replace('-', ''));
