import type { Request } from 'express';
import { iso, MINUTE_MS, minuteOf, SECOND_MS } from '../../domain/time.ts';
import type { Log } from '../../infra/log.ts';
import type { Range } from '../planner/ranges.ts';
import { aggregatedCount } from './aggregated_count.ts';
import { countAsOf } from './as_of_count.ts';
import type { Caller } from './auth.ts';
import { readBody } from './body.ts';
import type { Stores } from './engines.ts';
import { readAskedFilter } from './filter_parameters.ts';
import { createFilterActions, createFilterRoutes } from './filter_routes.ts';
import type { ReadLags } from './lag.ts';
import {
  adId,
  countParameters,
  date,
  noParameters,
  popularParameters,
  readParameters,
  readPath,
  runsParameters,
  seriesParameters,
} from './parameters.ts';
import { popularAds } from './popular_ads.ts';
import { badParameters } from './problem.ts';
import { readReconciliation } from './reconciliations.ts';
import { checkDays, requestRuns, runsBody } from './run_requests.ts';
import { readRuns } from './runs.ts';
import { adSeries, checkSeries } from './series.ts';
import { checkReady, readStatus } from './status.ts';

export interface ApiDeps {
  stores: Stores;
  readLags: ReadLags;
  log: Log;
  now: () => number;
  /** What the watermark allows for late arrivals. */
  latenessMs: number;
}

/** What a request brings, however it came. `signal` ends when nobody waits for the answer any more. */
export interface Asked {
  path: Record<string, string>;
  query: URLSearchParams;
  signal: AbortSignal;
}

export type Route = (asked: Asked) => Promise<unknown>;

const DEFAULT_RANGE_MS = 60_000;

export function createRoutes({ stores, readLags, log, now, latenessMs }: ApiDeps): Record<string, Route> {
  return {
    '/v1/ads/popular_ads': async ({ query, signal }) => {
      const { count, window, at, ...filters } = readParameters(popularParameters, query);
      const nowMs = now();
      const toMs = minuteOf(at ?? nowMs);
      const range = { fromMs: toMs - window * MINUTE_MS, toMs };
      const asked = await readAskedFilter(stores, filters, signal);
      return popularAds(stores, { adId: null, ...range, ...asked, asOfMs: null }, count, nowMs, signal, log);
    },
    '/v1/ads/:ad_id/aggregated_count': async ({ path, query, signal }) => {
      const { from, to, as_of: asOfMs, ...filters } = readParameters(countParameters, query);
      const nowMs = now();
      if (asOfMs !== undefined && asOfMs > nowMs) {
        throw badParameters([{ parameter: 'as_of', expected: `a time that is not after ${iso(nowMs)}` }]);
      }
      const [adId, range] = [readAdId(path), rangeOf(from, to, asOfMs ?? nowMs)];
      const question = { adId, ...range, ...(await readAskedFilter(stores, filters, signal)) };
      if (asOfMs === undefined) return aggregatedCount(stores, { ...question, asOfMs: null }, nowMs, signal, log);
      return countAsOf(stores, { ...question, asOfMs }, { nowMs, latenessMs }, signal, log);
    },
    '/v1/ads/:ad_id/series': async ({ path, query, signal }) => {
      const { from, to, size, hop, ...filters } = readParameters(seriesParameters, query);
      const nowMs = now();
      const range = rangeOf(from, to, nowMs);
      const windows = { sizeMs: size * SECOND_MS, hopMs: (hop ?? size) * SECOND_MS };
      checkSeries({ ...range, ...windows });
      const adId = readAdId(path);
      const question = { adId, ...range, ...(await readAskedFilter(stores, filters, signal)), asOfMs: null };
      return adSeries(stores, question, windows, nowMs, signal, log);
    },
    ...createFilterRoutes(stores),
    '/v1/status': async ({ query, signal }) => {
      readParameters(noParameters, query);
      return readStatus(stores, readLags, { nowMs: now(), latenessMs }, signal);
    },
    '/v1/runs': async ({ query, signal }) => {
      return { runs: await readRuns(stores, readParameters(runsParameters, query), signal) };
    },
    '/v1/reconciliations/:date': async ({ path, query, signal }) => {
      readParameters(noParameters, query);
      return readReconciliation(stores, readDate(path), signal);
    },
    '/healthz': async () => ({ status: 'ok' }),
    '/readyz': async ({ signal }) => {
      await checkReady(stores, readLags, signal);
      return { status: 'ready' };
    },
  };
}

/** A request that changes something. `caller` may. An answer without a body has none. */
export type Action = (request: Request, caller: Caller) => Promise<{ status: number; body?: unknown }>;

type Method = 'post' | 'put' | 'delete';

export const createActions = ({
  stores,
  now,
}: Pick<ApiDeps, 'stores' | 'now'>): Record<string, Partial<Record<Method, Action>>> => ({
  '/v1/runs': {
    post: async (request, caller) => {
      const asked = readBody(runsBody, request);
      const nowMs = now();
      checkDays(asked, nowMs);
      return { status: 202, body: await requestRuns(stores, asked, caller, nowMs) };
    },
  },
  ...createFilterActions(stores, now),
});

function rangeOf(from: number | undefined, to: number | undefined, defaultToMs: number): Range {
  const toMs = to ?? defaultToMs;
  const fromMs = from ?? toMs - DEFAULT_RANGE_MS;
  if (fromMs >= toMs) throw badParameters([{ parameter: 'from', expected: 'a time before "to" (default: now)' }]);
  return { fromMs, toMs };
}

const readAdId = (path: Record<string, string>): string => readPath(adId, 'ad_id', path);
const readDate = (path: Record<string, string>): string => readPath(date, 'date', path);
