import type { z } from 'zod';
import { type EventKind, PLURAL } from '../../../domain/event_kinds.ts';
import { iso, MINUTE_MS, minuteOf, SECOND_MS } from '../../../domain/time.ts';
import { isRawQuestion } from '../../planner/plan.ts';
import type { Question } from '../../planner/question.ts';
import type { Range } from '../../planner/ranges.ts';
import { metricsOf } from '../../planner/report.ts';
import type { Caller } from '../contract/access.ts';
import {
  countAnswer,
  performanceAnswer,
  popularAnswer,
  reportAnswer,
  seriesAnswer,
  sessionsAnswer,
} from '../contract/answers.ts';
import { badParameters } from '../contract/problem.ts';
import { checkAds } from '../http/auth.ts';
import { toCsv } from '../http/csv.ts';
import { type ApiDeps, type Asked, type Route, route } from '../http/route.ts';
import { runKinds, storesOf } from '../parameters/event_parameter.ts';
import { readAskedFilter } from '../parameters/filter_parameters.ts';
import { checkCost } from '../parameters/limits.ts';
import {
  adPath,
  countParameters,
  performanceParameters,
  popularParameters,
  seriesParameters,
  sessionsParameters,
} from '../parameters/parameters.ts';
import { askedOf, checkMetrics, readKeys, readNamesOf, reportParameters } from '../parameters/report_parameters.ts';
import { readWindowing } from '../parameters/windowing.ts';
import { aggregatedCount } from '../questions/aggregated_count.ts';
import { countAsOf } from '../questions/as_of_count.ts';
import type { QuestionContext } from '../questions/context.ts';
import type { KindContexts } from '../questions/kinds.ts';
import { orderedAds } from '../questions/ordered_ads.ts';
import { adPerformance } from '../questions/performance.ts';
import { popularAds } from '../questions/popular_ads.ts';
import { keyName, newReport, reportOfSnapshot } from '../questions/report.ts';
import { planNames } from '../questions/report_names.ts';
import { adSeries, performanceSeries } from '../questions/series.ts';
import { adSessions } from '../questions/sessions.ts';
import type { Speed } from '../questions/turns.ts';
import { slowly } from '../stores/engines.ts';

const DEFAULT_RANGE_MS = 60_000;
/** Windows of up to so many minutes are read quickly for all ads. */
const SHORT_MINUTES = 60;

type Call = Pick<Asked, 'signal' | 'requestId' | 'caller'>;

/** Questions about the events of ads. */
export function adRoutes(deps: ApiDeps): Route[] {
  const { stores, now } = deps;
  // The routes are described without any stores, too.
  const kindsRun = (): EventKind[] => runKinds(deps).map(({ event }) => event);
  const contextOf = (event: EventKind, nowMs: number, speed: Speed, { signal, requestId }: Call): QuestionContext => {
    const { readFindings, latenessMs } = deps;
    const log = () => deps.log.child({ request_id: requestId });
    const stores = storesOf(deps, event);
    const { clickhouse } = speed === 'slow' ? slowly(stores) : stores;
    return { stores, clickhouse, readFindings, clock: { nowMs, latenessMs }, signal, log };
  };
  const contextsOf = (nowMs: number, speed: Speed, call: Call): KindContexts =>
    new Map(kindsRun().map((event) => [event, contextOf(event, nowMs, speed, call)]));
  /** Throws a Problem that says what is run if the kind is not. */
  const requireRun = (event: EventKind): void => void storesOf(deps, event);
  const inTurn = <A>(speed: Speed, { caller, signal }: Call, answer: () => Promise<A>): Promise<A> =>
    deps.turns[speed].take(caller.name, signal, answer);
  return [
    route({
      method: 'get',
      path: '/v1/ads/popular_ads',
      access: 'advertiser',
      id: 'popularAds',
      summary: 'The most clicked ads of the last minutes, exact',
      query: popularParameters,
      answer: popularAnswer,
      csv: popularCsv,
      handle: async ({
        query: { event, count, window, at, order, min_impressions, min_clicks, ...filters },
        ...call
      }) => {
        const nowMs = now();
        requireRun(event);
        const toMs = minuteOf(at ?? nowMs);
        const range = { fromMs: toMs - window * MINUTE_MS, toMs };
        const question = {
          adId: null,
          ...range,
          ...(await readAskedFilter(stores, filters, call.signal)),
          ...adsOf(call.caller),
          asOfMs: null,
        };
        checkCost(question);
        const least = { minImpressions: min_impressions ?? 0, minClicks: min_clicks ?? 0 };
        if (order === undefined && min_impressions === undefined && min_clicks === undefined) {
          const speed = isRawQuestion(question) || window > SHORT_MINUTES ? 'slow' : 'quick';
          const context = contextOf(event, nowMs, speed, call);
          return inTurn(speed, call, () => popularAds(context, { ...question, limit: count }));
        }
        const ordered = order ?? PLURAL[event];
        checkMetrics('order', [ordered], kindsRun());
        const [contexts, context] = [contextsOf(nowMs, 'slow', call), contextOf(event, nowMs, 'slow', call)];
        const asked = { event, order: ordered, limit: count, ...least };
        return inTurn('slow', call, () => orderedAds(contexts, context, question, asked));
      },
    }),
    route({
      method: 'get',
      path: '/v1/report',
      access: 'advertiser',
      id: 'report',
      summary:
        'Counts and rates of all ads or of some, by up to two of ad, campaign, advertiser, country and units of time',
      query: reportParameters,
      answer: reportAnswer,
      csv: reportCsv,
      handle: async ({ query, sent, ...call }) => {
        const { caller } = call;
        const nowMs = now();
        const {
          from,
          to,
          as_of: asOfMs,
          by = [],
          metrics,
          order,
          limit,
          offset,
          tz,
          names,
          snapshot,
          ad: adIds,
          ...filters
        } = query;
        if (adIds !== undefined) checkAds(caller, adIds);
        const asked = askedOf(sent);
        const context = contextOf('click', nowMs, 'slow', call);
        const ordered = order && { order: order.by };
        const part = { limit, offset, isDescending: order?.isDescending ?? true, ...ordered };
        if (snapshot !== undefined) {
          const page = { ...part, ...(metrics && { metrics }) };
          const of = { asked, page, adPrefixes: caller.adPrefixes ?? null };
          return inTurn('slow', call, () => reportOfSnapshot(context, snapshot, of));
        }
        const run = kindsRun();
        const wanted = metrics ?? metricsOf(run);
        checkMetrics('metrics', wanted, run);
        if (order !== undefined && order.by !== 'key') checkMetrics('order', [order.by], run);
        const question = {
          adId: null,
          ...pastRangeOf(from, to, asOfMs, nowMs),
          ...(await readAskedFilter(stores, filters, call.signal)),
          ...adsOf(caller),
          ...(adIds && { adIds }),
          asOfMs: asOfMs ?? null,
        };
        const { keys, zone } = readKeys(question, by, tz);
        const namesOf = readNamesOf(by, names);
        const page = { order: wanted[0] ?? 'key', ...part, metrics: wanted } as const;
        return inTurn('slow', call, async () => {
          const site = { stores: slowly(stores), register: deps.register };
          const named = namesOf === null ? null : await planNames(site, question, namesOf, nowMs, call.signal);
          const contexts = contextsOf(nowMs, 'slow', call);
          return newReport(contexts, context, question, { keys, names: named, zone, page, asked });
        });
      },
    }),
    route({
      method: 'get',
      path: '/v1/ads/{ad_id}/aggregated_count',
      access: 'advertiser',
      id: 'aggregatedCount',
      summary: 'The clicks of an ad in a range of time',
      pathParameters: adPath,
      query: countParameters,
      answer: countAnswer,
      handle: async ({ path: { ad_id: adId }, query: { event, from, to, as_of: asOfMs, ...filters }, ...call }) => {
        const nowMs = now();
        requireRun(event);
        const range = pastRangeOf(from, to, asOfMs, nowMs);
        const question = { adId, ...range, ...(await readAskedFilter(stores, filters, call.signal)), asOfMs: null };
        checkCost(question);
        const speed = asOfMs !== undefined || isRawQuestion(question) ? 'slow' : 'quick';
        const context = contextOf(event, nowMs, speed, call);
        return inTurn(speed, call, () =>
          asOfMs === undefined ? aggregatedCount(context, question) : countAsOf(context, { ...question, asOfMs }),
        );
      },
    }),
    route({
      method: 'get',
      path: '/v1/ads/{ad_id}/performance',
      access: 'advertiser',
      id: 'adPerformance',
      summary: 'Impressions, clicks and conversions of an ad in a range of time, and their rates',
      pathParameters: adPath,
      query: performanceParameters,
      answer: performanceAnswer,
      handle: async ({ path: { ad_id: adId }, query: { from, to, as_of: asOfMs = null, ...filters }, ...call }) => {
        const nowMs = now();
        const range = pastRangeOf(from, to, asOfMs ?? undefined, nowMs);
        const question = { adId, ...range, ...(await readAskedFilter(stores, filters, call.signal)), asOfMs };
        checkCost({ ...question, asOfMs: null });
        const speed = asOfMs !== null || isRawQuestion(question) ? 'slow' : 'quick';
        return inTurn(speed, call, () => adPerformance(contextsOf(nowMs, speed, call), question));
      },
    }),
    route({
      method: 'get',
      path: '/v1/ads/{ad_id}/series',
      access: 'advertiser',
      id: 'adSeries',
      summary: 'The clicks of an ad in tumbling, hopping or sliding windows',
      pathParameters: adPath,
      query: seriesParameters,
      answer: seriesAnswer,
      csv: seriesCsv,
      handle: async ({ path: { ad_id }, query: { event, from, to, size, hop, tz, ...filters }, ...call }) => {
        const nowMs = now();
        const range = rangeOf(from, to, nowMs);
        const { windowing, described } = readWindowing({ size, hop, tz }, range);
        if (event !== 'performance') requireRun(event);
        const question = {
          adId: ad_id,
          ...range,
          ...(await readAskedFilter(stores, filters, call.signal)),
          asOfMs: null,
        };
        const isRaw = isRawQuestion(question) || !windowing.isOfMinutes;
        checkCost(question, isRaw);
        const speed = isRaw ? 'slow' : 'quick';
        const series = await inTurn(speed, call, async () =>
          event === 'performance'
            ? performanceSeries(contextsOf(nowMs, speed, call), question, windowing)
            : adSeries(contextOf(event, nowMs, speed, call), question, windowing),
        );
        return { ad_id, ...described, ...series };
      },
    }),
    route({
      method: 'get',
      path: '/v1/ads/{ad_id}/sessions',
      access: 'advertiser',
      id: 'adSessions',
      summary: 'Sessions of users on an ad: clicks of a user that are at most a gap apart',
      pathParameters: adPath,
      query: sessionsParameters,
      answer: sessionsAnswer,
      handle: async ({
        path: { ad_id: adId },
        query: { event, from, to, gap, limit, offset, ...filters },
        ...call
      }) => {
        const nowMs = now();
        const context = contextOf(event, nowMs, 'slow', call);
        const range = rangeOf(from, to, nowMs);
        const question = { adId, ...range, ...(await readAskedFilter(stores, filters, call.signal)), asOfMs: null };
        checkCost(question, true);
        return inTurn('slow', call, () => adSessions(context, question, { gapMs: gap * SECOND_MS, offset, limit }));
      },
    }),
  ];
}

const adsOf = ({ adPrefixes }: Caller): Pick<Question, 'adPrefixes'> => (adPrefixes ? { adPrefixes } : {});

const popularCsv = (answer: z.output<typeof popularAnswer>) => {
  const { ads, window, update_time_minute: to, receipt, receipts } = answer;
  const from = iso(Date.parse(to) - window * MINUTE_MS);
  const rows = ads.map((ad) => ({ ...ad, from, to, status: receipt.status }));
  const counted = receipts === undefined ? [] : COUNTED.slice(1);
  return toCsv(['ad_id', 'count', ...counted, 'from', 'to', 'status'], rows);
};

/** The rows of the page; without any, the total. */
const reportCsv = ({ by, metrics, rows, total }: z.output<typeof reportAnswer>) =>
  by.length === 0 ? toCsv(metrics, [total]) : toCsv([...by.map(keyName), ...metrics], rows as Record<string, string>[]);

const COUNTED = ['count', 'impressions', 'clicks', 'conversions', 'ctr', 'cvr'] as const;

const seriesCsv = ({ ad_id, points, receipts }: z.output<typeof seriesAnswer>) => {
  const rows = points.map((point) => ({ ad_id, ...point }));
  const counted = receipts === undefined ? COUNTED.slice(0, 1) : COUNTED.slice(1);
  return toCsv(['ad_id', 'from', 'to', ...counted, 'status'], rows);
};

/** Throws a Problem if the range is empty, or is asked for as of a time that has not come. */
function pastRangeOf(
  from: number | undefined,
  to: number | undefined,
  asOfMs: number | undefined,
  nowMs: number,
): Range {
  if (asOfMs !== undefined && asOfMs > nowMs) {
    throw badParameters([{ parameter: 'as_of', expected: `a time that is not after ${iso(nowMs)}` }]);
  }
  return rangeOf(from, to, asOfMs ?? nowMs);
}

function rangeOf(from: number | undefined, to: number | undefined, defaultToMs: number): Range {
  const toMs = to ?? defaultToMs;
  const fromMs = from ?? toMs - DEFAULT_RANGE_MS;
  if (fromMs >= toMs) throw badParameters([{ parameter: 'from', expected: 'a time before "to" (default: now)' }]);
  return { fromMs, toMs };
}
