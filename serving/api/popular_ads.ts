import type { PublishedRun, Receipt } from '../../domain/receipt.ts';
import { iso, MINUTE_MS } from '../../domain/time.ts';
import type { Top } from '../../domain/tops.ts';
import type { Log } from '../../infra/log.ts';
import { sql } from '../../infra/sql.ts';
import { isRawQuestion, type Plan, plan } from '../planner/plan.ts';
import { NO_SEARCH, type Question } from '../planner/question.ts';
import type { Range } from '../planner/ranges.ts';
import { type Clock, isOfRealtime } from '../planner/tops.ts';
import { WITHOUT_SEARCH } from './aggregated_count.ts';
import { countLate } from './count.ts';
import { ask, type Stores } from './engines.ts';
import { readPublished } from './ledger.ts';
import { cutParams, filterParams, minuteBounds, minuteRanges, rawBounds, rawRanges, runParams } from './parts.ts';
import { receiptOf } from './receipt.ts';
import { readIndexerState } from './search_state.ts';
import { readTop } from './tops.ts';

const FROM_MINUTES = sql('clickhouse/queries/api_popular_minutes.sql');
const FROM_RAW = sql('clickhouse/queries/api_popular_raw.sql');

interface PopularAnswer {
  ad_ids: string[];
  ads: { ad_id: string; count: number }[];
  window: number;
  update_time_minute: string;
  receipt: Receipt;
}

interface Row {
  ad_id: string;
  run_clicks: number;
  realtime_clicks: number;
}

/**
 * The most clicked ads of whole minutes, exact: as the publisher has stated them where that holds, else from ClickHouse.
 * The counts in the receipt are those of the ads that are listed.
 */
export async function popularAds(
  stores: Stores,
  question: Question & { adId: null },
  limit: number,
  clock: Clock,
  signal: AbortSignal,
  log: Log,
): Promise<PopularAnswer> {
  const without = <T>(instead: T) => {
    return (error: unknown): T => {
      log.warn({ err: error }, 'answering without Elasticsearch');
      return instead;
    };
  };
  const [published, state, top] = await Promise.all([
    readPublished(stores, question, signal),
    readIndexerState(stores, signal).catch(without(WITHOUT_SEARCH)),
    readTop(stores, question, clock, signal).catch(without(null)),
  ]);
  const planned = plan(question, { ...NO_SEARCH, published });
  const isStated = top !== null && isOfRealtime(question, { ...state, published });
  const [ads, late] = await Promise.all([
    isStated ? rowsOf(top.slice(0, limit)) : ask<Row>(stores, ...queryOf(question, planned, limit), signal),
    countLate(stores, question, planned, signal),
  ]);
  const receipt: Plan = isStated ? { ...planned, sources: ['elasticsearch'] } : planned;
  const total = (column: 'run_clicks' | 'realtime_clicks') => ads.reduce((sum, row) => sum + row[column], 0);
  return {
    ad_ids: ads.map(({ ad_id }) => ad_id),
    ads: ads.map(({ ad_id, run_clicks, realtime_clicks }) => ({ ad_id, count: run_clicks + realtime_clicks })),
    window: (question.toMs - question.fromMs) / MINUTE_MS,
    update_time_minute: iso(question.toMs),
    receipt: receiptOf(receipt, { batch: total('run_clicks'), realtime: total('realtime_clicks'), late }, state),
  };
}

const rowsOf = (top: Top): Row[] => top.map(([ad_id, realtime_clicks]) => ({ ad_id, run_clicks: 0, realtime_clicks }));

/** Both authorities in one query, since an ad may have clicks of both. A window has 31 days at most: one group. */
function queryOf(question: Question, { parts }: Plan, limit: number): [string, Record<string, unknown>] {
  const ranges: Range[] = parts.flatMap((part) => ('ranges' in part ? part.ranges : []));
  const runs: PublishedRun[] = parts.flatMap((part) => ('runs' in part ? part.runs : []));
  const params = { limit, ...filterParams(question) };
  return isRawQuestion(question)
    ? [FROM_RAW, { ...params, ...rawBounds(question), ...rawRanges(ranges), ...cutParams(runs) }]
    : [FROM_MINUTES, { ...params, ...minuteBounds(question), ...minuteRanges(ranges), ...runParams(runs) }];
}
