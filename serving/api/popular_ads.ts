import type { PublishedRun, Receipt } from '../../domain/receipt.ts';
import { iso, MINUTE_MS } from '../../domain/time.ts';
import type { Log } from '../../infra/log.ts';
import { sql } from '../../infra/sql.ts';
import { isRawQuestion, type Plan, plan } from '../planner/plan.ts';
import { NO_SEARCH, type Question } from '../planner/question.ts';
import type { Range } from '../planner/ranges.ts';
import { WITHOUT_SEARCH } from './aggregated_count.ts';
import { countLate } from './count.ts';
import { ask, type Stores } from './engines.ts';
import { readPublished } from './ledger.ts';
import { cutParams, filterParams, minuteBounds, minuteRanges, rawBounds, rawRanges, runParams } from './parts.ts';
import { receiptOf } from './receipt.ts';
import { readIndexerState } from './search_state.ts';

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
 * The most clicked ads of whole minutes, exact, from ClickHouse. The counts in the receipt are those of the ads that
 * are listed.
 */
export async function popularAds(
  stores: Stores,
  question: Question & { adId: null },
  limit: number,
  signal: AbortSignal,
  log: Log,
): Promise<PopularAnswer> {
  const [published, state] = await Promise.all([
    readPublished(stores, question, signal),
    readIndexerState(stores, signal).catch((error: unknown) => {
      log.warn({ err: error }, 'answering without Elasticsearch');
      return WITHOUT_SEARCH;
    }),
  ]);
  const planned = plan(question, { ...NO_SEARCH, published });
  const [ads, late] = await Promise.all([
    ask<Row>(stores, ...queryOf(question, planned, limit), signal),
    countLate(stores, question, planned, signal),
  ]);
  const total = (column: 'run_clicks' | 'realtime_clicks') => ads.reduce((sum, row) => sum + row[column], 0);
  return {
    ad_ids: ads.map(({ ad_id }) => ad_id),
    ads: ads.map(({ ad_id, run_clicks, realtime_clicks }) => ({ ad_id, count: run_clicks + realtime_clicks })),
    window: (question.toMs - question.fromMs) / MINUTE_MS,
    update_time_minute: iso(question.toMs),
    receipt: receiptOf(planned, { batch: total('run_clicks'), realtime: total('realtime_clicks'), late }, state),
  };
}

/** Both authorities in one query, since an ad may have clicks of both. A window has 31 days at most: one group. */
function queryOf(question: Question, { parts }: Plan, limit: number): [string, Record<string, unknown>] {
  const ranges: Range[] = parts.flatMap((part) => ('ranges' in part ? part.ranges : []));
  const runs: PublishedRun[] = parts.flatMap((part) => ('runs' in part ? part.runs : []));
  const params = { limit, ...filterParams(question) };
  return isRawQuestion(question)
    ? [FROM_RAW, { ...params, ...rawBounds(question), ...rawRanges(ranges), ...cutParams(runs) }]
    : [FROM_MINUTES, { ...params, ...minuteBounds(question), ...minuteRanges(ranges), ...runParams(runs) }];
}
