import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { components } from '../contract/description.d.ts';
import type { Metric } from '../rules/view.ts';
import type { Range, Unit } from '../rules/zone.ts';
import { answered, client } from './client.ts';

export type Receipt = components['schemas']['Receipt'];
export type Run = components['schemas']['Run'];
export type Status = components['schemas']['Status'];
export type Event = 'click' | 'impression' | 'conversion';

/** What every question about counts may be narrowed by. */
export interface Narrowed {
  country?: string;
  filter?: number;
}

const iso = (ms: number): string => new Date(ms).toISOString();
const rangeOf = ({ fromMs, toMs }: Range) => ({ from: iso(fromMs), to: iso(toMs) });

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
    queryFn: ({ signal }) => answered(client.GET('/v1/status', { signal })),
    refetchInterval: 5_000,
  });

/** Counts and rates with the receipts they rest on. What is not run is absent, or null. */
export interface Performance extends Partial<Record<Metric, number | null>> {
  receipts: Partial<Record<Event, Receipt>>;
  /** Up to when all kinds are counted; null: not known. */
  complete_to: string | null;
}

export const performanceQuestion = (ad: string, range: Range, narrowed: Narrowed) =>
  queryOptions({
    queryKey: ['performance', ad, range, narrowed],
    queryFn: ({ signal }) =>
      ad === '' ? totalOf(range, narrowed, signal) : performanceOf(ad, range, narrowed, signal),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => pauseAfter(state.data),
    staleTime: STALE_MS,
    enabled: range.toMs > range.fromMs,
  });

async function totalOf(range: Range, narrowed: Narrowed, signal: AbortSignal): Promise<Performance> {
  const query = { ...rangeOf(range), ...narrowed };
  const { total, receipts, complete_to } = await answered(client.GET('/v1/report', { params: { query }, signal }));
  return { ...total, receipts, complete_to };
}

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
    queryFn: ({ signal }) =>
      answered(
        client.GET('/v1/ads/popular_ads', { params: { query: { window: minutes, count, ...narrowed } }, signal }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: 5_000,
  });

export const runsQuestion = () =>
  queryOptions({
    queryKey: ['runs'],
    queryFn: ({ signal }) => answered(client.GET('/v1/runs', { signal })),
    refetchInterval: 15_000,
  });

export const reconciliationQuestion = (date: string) =>
  queryOptions({
    queryKey: ['reconciliation', date],
    queryFn: ({ signal }) => answered(client.GET('/v1/reconciliations/{date}', { params: { path: { date } }, signal })),
    staleTime: STALE_MS,
    enabled: date !== '',
  });

export const filtersQuestion = () =>
  queryOptions({
    queryKey: ['filters'],
    queryFn: ({ signal }) => answered(client.GET('/v1/filters', { signal })),
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

type By = 'ad' | 'country' | 'minute' | 'hour' | 'day' | 'week' | 'month';

export const reportQuestion = (
  by: By,
  range: Range,
  zone: string,
  narrowed: Narrowed,
  { order, limit }: { order: string; limit: number },
) =>
  queryOptions({
    queryKey: ['report', by, range, zone, narrowed, order, limit],
    queryFn: ({ signal }) => {
      const query = { by, ...rangeOf(range), tz: zone, ...narrowed, order, limit };
      return answered(client.GET('/v1/report', { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => pauseAfter(state.data),
    staleTime: STALE_MS,
    enabled: range.toMs > range.fromMs,
  });
