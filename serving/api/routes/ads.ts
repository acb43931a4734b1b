import { iso, MINUTE_MS, minuteOf, SECOND_MS } from '../../../domain/time.ts';
import type { Question } from '../../planner/question.ts';
import type { Range } from '../../planner/ranges.ts';
import { aggregatedCount } from '../aggregated_count.ts';
import { countAnswer, popularAnswer, seriesAnswer } from '../answers.ts';
import { countAsOf } from '../as_of_count.ts';
import { adPath, countParameters, popularParameters, seriesParameters } from '../parameters.ts';
import { popularAds } from '../popular_ads.ts';
import { badParameters } from '../problem.ts';
import { type ApiDeps, type Route, route } from '../route.ts';
import { adSeries, checkSeries } from '../series.ts';

const DEFAULT_RANGE_MS = 60_000;

/** What can be asked about clicks. */
export const adRoutes = ({ stores, log, now, latenessMs }: ApiDeps): Route[] => [
  route({
    ...{ method: 'get', path: '/v1/ads/popular_ads', access: 'advertiser' },
    ...{ id: 'popularAds', summary: 'The most clicked ads of the last minutes, exact' },
    query: popularParameters,
    answer: popularAnswer,
    handle: async ({ query: { count, window, at, ...filters }, signal }) => {
      const toMs = minuteOf(at ?? now());
      const range = { fromMs: toMs - window * MINUTE_MS, toMs };
      return popularAds(stores, { adId: null, ...range, ...filtersOf(filters), asOfMs: null }, count, signal, log);
    },
  }),
  route({
    ...{ method: 'get', path: '/v1/ads/{ad_id}/aggregated_count', access: 'advertiser' },
    ...{ id: 'aggregatedCount', summary: 'The clicks of an ad in a range of time' },
    pathParameters: adPath,
    query: countParameters,
    answer: countAnswer,
    handle: async ({ path: { ad_id: adId }, query: { from, to, as_of: asOfMs, ...filters }, signal }) => {
      const nowMs = now();
      const question = { adId, ...rangeOf(from, to, asOfMs ?? nowMs), ...filtersOf(filters) };
      if (asOfMs === undefined) return aggregatedCount(stores, { ...question, asOfMs: null }, signal, log);
      if (asOfMs > nowMs)
        throw badParameters([{ parameter: 'as_of', expected: `a time that is not after ${iso(nowMs)}` }]);
      return countAsOf(stores, { ...question, asOfMs }, { nowMs, latenessMs }, signal, log);
    },
  }),
  route({
    ...{ method: 'get', path: '/v1/ads/{ad_id}/series', access: 'advertiser' },
    ...{ id: 'adSeries', summary: 'The clicks of an ad in tumbling, hopping or sliding windows' },
    pathParameters: adPath,
    query: seriesParameters,
    answer: seriesAnswer,
    handle: async ({ path: { ad_id: adId }, query: { from, to, size, hop, ...filters }, signal }) => {
      const range = rangeOf(from, to, now());
      const windows = { sizeMs: size * SECOND_MS, hopMs: (hop ?? size) * SECOND_MS };
      checkSeries({ ...range, ...windows });
      const question = { adId, ...range, ...filtersOf(filters), asOfMs: null };
      return adSeries(stores, question, windows, signal, log);
    },
  }),
];

function rangeOf(from: number | undefined, to: number | undefined, defaultToMs: number): Range {
  const toMs = to ?? defaultToMs;
  const fromMs = from ?? toMs - DEFAULT_RANGE_MS;
  if (fromMs >= toMs) throw badParameters([{ parameter: 'from', expected: 'a time before "to" (default: now)' }]);
  return { fromMs, toMs };
}

function filtersOf(given: {
  country?: string[] | undefined;
  ip?: string[] | undefined;
  user_id?: string[] | undefined;
}): Pick<Question, 'countries' | 'ips' | 'userIds'> {
  return { countries: given.country ?? null, ips: given.ip ?? null, userIds: given.user_id ?? null };
}
