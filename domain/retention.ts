import { DAY_MS } from './time.ts';

const RAW_DAYS = 30;

/**
 * Raw clicks that arrived since then are all kept. They go by whole months of arrival, which their table is partitioned
 * by, once a month is over for this many days.
 */
export function rawKeptSinceMs(nowMs: number): number {
  const month = new Date(nowMs - RAW_DAYS * DAY_MS);
  return Date.UTC(month.getUTCFullYear(), month.getUTCMonth());
}

/** 202601 */
export const monthNumber = (ms: number): number => Number(new Date(ms).toISOString().slice(0, 7).replace('-', ''));
