import type { components, operations } from '../contract/description.d.ts';
import type { Narrowed, Scope } from '../rules/scope.ts';
import { DAY_MS, type Range, type Unit } from '../rules/zone.ts';
import { answered, client } from './client.ts';

/** What the first view waits for, asked while the rest of the page is still on its way: without React. */

export type Status = components['schemas']['Status'];
export type Report = components['schemas']['Report'];
export type ReportQuery = NonNullable<operations['report']['parameters']['query']>;

const askStatus = (signal?: AbortSignal): Promise<Status> =>
  answered(client.GET('/v1/status', { ...(signal && { signal }) }));
const askReport = (query: ReportQuery, signal?: AbortSignal): Promise<Report> =>
  answered(client.GET('/v1/report', { params: { query }, ...(signal && { signal }) }));

let status: Promise<Status> | null = null;
let report: { key: string; answer: Promise<Report> } | null = null;

/** The status, once as it was asked for before the page was there. */
export function statusOnce(signal: AbortSignal): Promise<Status> {
  const asked = status;
  status = null;
  return asked ?? askStatus(signal);
}

/** A report, once as it was asked for before the page was there. */
export function reportOnce(query: ReportQuery, signal: AbortSignal): Promise<Report> {
  const asked = report;
  if (asked?.key !== JSON.stringify(query)) return askReport(query, signal);
  report = null;
  return asked.answer;
}

let settled: Promise<unknown> = Promise.resolve();
/** When these are there, or have failed: what they do not wait for would only take processor time away from them. */
export const earlyAnswers = (): Promise<unknown> => settled;

/** @param scopeOf what the page is about; null: nothing that is known here */
export function askEarly(scopeOf: (status: Status) => Scope | null): void {
  const asked = askStatus();
  status = asked;
  settled = asked
    .then((answer) => {
      const scope = scopeOf(answer);
      if (scope === null || scope.asked.toMs <= scope.asked.fromMs) return;
      const query = numbersQuery(scope.asked, scope.narrowed, scope);
      report = { key: JSON.stringify(query), answer: askReport(query) };
      return report.answer;
    })
    // Whoever takes the answer is told of it.
    .catch(() => {});
}

/** The windows in which a range is shown. */
export interface Windows {
  unit: Unit;
  zone: string;
}

/** What a report counts by; it has no quarters of an hour, which are then hours. */
export const BY = {
  '1m': 'minute',
  '5m': 'hour',
  '15m': 'hour',
  '1h': 'hour',
  '1d': 'day',
  '1w': 'week',
  '1mo': 'month',
} as const;
const MOST_ROWS = 2_000;

const iso = (ms: number): string => new Date(ms).toISOString();
export const rangeOf = ({ fromMs, toMs }: Range) => ({ from: iso(fromMs), to: iso(toMs) });

/** All ads by windows. */
export const totalSeriesQuery = (range: Range, narrowed: Narrowed, { unit, zone }: Windows) => ({
  by: BY[unit],
  ...rangeOf(range),
  tz: zone,
  ...narrowed,
  order: 'key',
  limit: MOST_ROWS,
});

/**
 * Whether the report that the chart asks for reads as little as its total alone would: the API has whole days of UTC
 * ready, and smaller windows cost it more.
 */
const isOfDays = ({ fromMs }: Range, unit: Unit): boolean =>
  fromMs % DAY_MS === 0 && ['1d', '1w', '1mo'].includes(unit);

/** The numbers of all ads: the total of the report that the chart asks for anyway, if that costs no more. */
export const numbersQuery = (range: Range, narrowed: Narrowed, windows: Windows): ReportQuery =>
  isOfDays(range, windows.unit) ? totalSeriesQuery(range, narrowed, windows) : { ...rangeOf(range), ...narrowed };
