import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { components } from '../contract/description.d.ts';
import type { Narrowed } from '../rules/scope.ts';
import type { Event, Metric } from '../rules/view.ts';
import type { Range, Unit } from '../rules/zone.ts';
import { answered, client } from './client.ts';
import {
  earlyAnswers,
  numbersQuery,
  type Report,
  type ReportQuery,
  rangeOf,
  reportOnce,
  statusOnce,
  totalSeriesQuery,
  type Windows,
} from './early.ts';

export type Receipt = components['schemas']['Receipt'];
export type Run = components['schemas']['Run'];

const iso = (ms: number): string => new Date(ms).toISOString();

const STALE_MS = 8_000;

interface Receipted {
  receipt?: Receipt;
  receipts?: Partial<Record<Event, Receipt>>;
}

/** A provisional answer changes as clicks arrive; one of runs only when another is published. */
function pauseAfter(answer: Receipted | undefined): number {
  const receipts = [answer?.receipt, ...Object.values(answer?.receipts ?? {})];
  return receipts.some((receipt) => receipt?.status === 'provisional') ? 10_000 : 60_000;
}

export const statusQuestion = () =>
  queryOptions({
    queryKey: ['status'],
    queryFn: ({ signal }) => statusOnce(signal),
    refetchInterval: 5_000,
  });

/** Counts and rates with the receipts they rest on. What is not run is absent, or null. */
export interface Performance extends Partial<Record<Metric, number | null>> {
  receipts: Partial<Record<Event, Receipt>>;
  /** Up to when all kinds are counted; null: not known. */
  complete_to: string | null;
}

/** @param ad '': all ads, of which there is a chart by these windows */
export const performanceQuestion = (ad: string, range: Range, narrowed: Narrowed, windows: Windows) =>
  queryOptions({
    queryKey: ['performance', ad, range, narrowed, ...(ad === '' ? [windows.unit, windows.zone] : [])],
    queryFn: ({ signal, client: queries }): Promise<Performance> => {
      if (ad !== '') return performanceOf(ad, range, narrowed, signal);
      return queries.fetchQuery(reportQuestion(numbersQuery(range, narrowed, windows))).then(performanceOfReport);
    },
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => pauseAfter(state.data),
    staleTime: STALE_MS,
    enabled: range.toMs > range.fromMs,
  });

const performanceOfReport = ({ total, receipts, complete_to }: Report): Performance => ({
  ...total,
  receipts,
  complete_to,
});

async function performanceOf(ad: string, range: Range, narrowed: Narrowed, signal: AbortSignal): Promise<Performance> {
  const params = { path: { ad_id: ad }, query: { ...rangeOf(range), ...narrowed } };
  const answer = await answered(client.GET('/v1/ads/{ad_id}/performance', { params, signal }));
  const { impressions, clicks, conversions, ctr, cvr, complete_to } = answer;
  return {
    impressions: impressions.count,
    clicks: clicks.count,
    conversions: conversions.count,
    ctr,
    cvr,
    complete_to,
    receipts: { impression: impressions.receipt, click: clicks.receipt, conversion: conversions.receipt },
  };
}

const SECONDS: Partial<Record<Unit, number>> = { '1m': 60, '5m': 300, '15m': 900 };

/** Clicks alone cost less than all kinds. */
export const seriesQuery = (range: Range, unit: Unit, zone: string, narrowed: Narrowed, metric: Metric) => ({
  ...rangeOf(range),
  ...narrowed,
  ...(SECONDS[unit] === undefined ? { size: unit, tz: zone } : { size: String(SECONDS[unit]) }),
  ...(metric === 'clicks' ? {} : { event: 'performance' as const }),
});

export const seriesQuestion = (
  ad: string,
  range: Range,
  { unit, zone, narrowed, metric }: { unit: Unit; zone: string; narrowed: Narrowed; metric: Metric },
) => {
  const query = seriesQuery(range, unit, zone, narrowed, metric);
  return queryOptions({
    queryKey: ['series', ad, query],
    queryFn: ({ signal }) =>
      answered(client.GET('/v1/ads/{ad_id}/series', { params: { path: { ad_id: ad }, query }, signal })),
    placeholderData: keepPreviousData,
    staleTime: STALE_MS,
    refetchInterval: ({ state }) => pauseAfter(state.data),
    enabled: ad !== '' && range.toMs > range.fromMs,
  });
};

export const popularQuestion = (minutes: number, narrowed: Narrowed, count = 10) =>
  queryOptions({
    queryKey: ['popular', minutes, narrowed, count],
    queryFn: async ({ signal }) => {
      await earlyAnswers();
      const query = { window: minutes, count, ...narrowed };
      return answered(client.GET('/v1/ads/popular_ads', { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
    refetchInterval: 5_000,
  });

export const runsQuestion = (event: Event) =>
  queryOptions({
    queryKey: ['runs', event],
    queryFn: ({ signal }) => answered(client.GET('/v1/runs', { params: { query: { event } }, signal })),
    refetchInterval: 15_000,
  });

export const reconciliationQuestion = (event: Event, date: string) =>
  queryOptions({
    queryKey: ['reconciliation', event, date],
    queryFn: ({ signal }) => {
      const params = { path: { date }, query: { event } };
      return answered(client.GET('/v1/reconciliations/{date}', { params, signal }));
    },
    staleTime: STALE_MS,
    enabled: date !== '',
  });

export const filtersQuestion = () =>
  queryOptions({
    queryKey: ['filters'],
    queryFn: async ({ signal }) => {
      await earlyAnswers();
      return answered(client.GET('/v1/filters', { signal }));
    },
    staleTime: 60_000,
  });

export const asOfQuestion = (ad: string, range: Range, asOfMs: number, narrowed: Narrowed) =>
  queryOptions({
    queryKey: ['as_of', ad, range, asOfMs, narrowed],
    queryFn: ({ signal }) => {
      const query = { ...rangeOf(range), ...narrowed, as_of: iso(asOfMs) };
      return answered(
        client.GET('/v1/ads/{ad_id}/aggregated_count', { params: { path: { ad_id: ad }, query }, signal }),
      );
    },
    enabled: ad !== '',
  });

export const sessionsQuestion = (ad: string, range: Range, narrowed: Narrowed) =>
  queryOptions({
    queryKey: ['sessions', ad, range, narrowed],
    queryFn: ({ signal }) => {
      const query = { ...rangeOf(range), ...narrowed, limit: 10 };
      return answered(client.GET('/v1/ads/{ad_id}/sessions', { params: { path: { ad_id: ad }, query }, signal }));
    },
    placeholderData: keepPreviousData,
    staleTime: STALE_MS,
    enabled: ad !== '' && range.toMs > range.fromMs,
  });

/** Ads whose ids begin so. */
export const adsQuestion = (prefix: string) =>
  queryOptions({
    queryKey: ['ads', prefix],
    queryFn: async ({ signal }): Promise<string[]> => {
      const query = { prefix, limit: 12 };
      const { ads } = await answered(client.GET('/v1/ads', { params: { query }, signal }));
      return ads.map(({ ad_id }) => ad_id);
    },
    placeholderData: keepPreviousData,
    staleTime: STALE_MS,
    enabled: prefix !== '',
  });

/** One ad id as the report takes several. */
const escaped = (ad: string): string => ad.replaceAll(/[\\,]/g, '\\$&');

/** Rows of a report, the first by an order. */
export const rowsQuery = (
  by: 'ad' | 'country' | 'hour',
  range: Range,
  zone: string,
  narrowed: Narrowed,
  { ad, ...rows }: { order: string; limit: number; ad?: string; metrics?: string },
): ReportQuery => ({
  by,
  ...rangeOf(range),
  tz: zone,
  ...narrowed,
  ...(ad !== undefined && { ad: escaped(ad) }),
  ...rows,
});

export const reportQuestion = (query: ReportQuery) =>
  queryOptions({
    queryKey: ['report', query],
    queryFn: ({ signal }) => reportOnce(query, signal),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => pauseAfter(state.data),
    staleTime: STALE_MS,
    enabled: isRange(query),
  });

const isRange = ({ from = '', to = '' }: ReportQuery): boolean => from < to;

/** All ads by windows. */
export const totalSeriesQuestion = (range: Range, narrowed: Narrowed, windows: Windows) =>
  reportQuestion(totalSeriesQuery(range, narrowed, windows));
