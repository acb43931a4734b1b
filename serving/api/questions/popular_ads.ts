import type { PublishedRun, Receipt } from '../../../domain/receipt.ts';
import { iso, MINUTE_MS } from '../../../domain/time.ts';
import type { Top } from '../../../domain/tops.ts';
import type { Log } from '../../../infra/log.ts';
import { sql } from '../../../infra/sql.ts';
import { allRunsFromHive } from '../../planner/archive.ts';
import { isLateKept } from '../../planner/as_of.ts';
import { isRawQuestion, type Plan, plan } from '../../planner/plan.ts';
import { NO_SEARCH, type Question } from '../../planner/question.ts';
import type { Range } from '../../planner/ranges.ts';
import { type Clock, isOfRealtime } from '../../planner/tops.ts';
import { Problem } from '../http/problem.ts';
import { isArchivePart, popularArchived } from '../stores/archive/count.ts';
import { ask, type Stores } from '../stores/engines.ts';
import { readPublished } from '../stores/ledger.ts';
import { readIndexerState } from '../stores/search_state.ts';
import { readTop } from '../stores/tops.ts';
import { WITHOUT_SEARCH } from './aggregated_count.ts';
import { countLate } from './count.ts';
import { planWithArchive, readGoneDays } from './gone.ts';
import { cutParams, filterParams, minuteBounds, minuteRanges, rawBounds, rawRanges, runParams } from './parts.ts';
import { receiptOf } from './receipt.ts';

const FROM_MINUTES = sql('clickhouse/queries/api_popular_minutes.sql');
const FROM_REALTIME_MINUTES = sql('clickhouse/queries/api_popular_realtime_minutes.sql');
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
 * The most clicked ads of whole minutes, exact: as the publisher has stated them where that holds, else from ClickHouse,
 * or Hive if any day of a run is gone there. The counts in the receipt are those of the ads that are listed.
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
  const [published, rawDays, state, top] = await Promise.all([
    readPublished(stores, question),
    readGoneDays(stores, question, clock.nowMs, signal),
    readIndexerState(stores).catch(without(WITHOUT_SEARCH)),
    readTop(stores, question, clock, signal).catch(without(null)),
  ]);
  const inTables = plan(question, { ...NO_SEARCH, published });
  const isStated = top !== null && isOfRealtime(question, { ...state, published });
  const planned = allRunsFromHive(await planWithArchive(stores, inTables, rawDays, clock.nowMs, signal));
  const [ads, late] = await Promise.all([
    isStated ? rowsOf(top.slice(0, limit)) : topAds(stores, question, planned, limit, signal),
    isLateKept(planned, { incompleteDays: rawDays }) ? countLate(stores, question, planned, signal) : null,
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

async function topAds(stores: Stores, question: Question, planned: Plan, limit: number, signal: AbortSignal) {
  const archived = planned.parts.find(isArchivePart);
  const inTables = (most: number) => ask<Row>(stores, ...queryOf(question, planned, most), signal);
  if (archived === undefined) return inTables(limit);
  // Runs are all in Hive then, so this is real time alone, which there seldom is any of so long after.
  const [inHive, realtime] = await Promise.all([
    popularArchived(stores, question, archived, limit, signal),
    inTables(1),
  ]);
  if (realtime.length > 0) throw mixed(question);
  return inHive.map(({ ad_id, clicks }) => ({ ad_id, run_clicks: clicks, realtime_clicks: 0 }));
}

/** The top of two lists from two engines is not known by the tops of both. */
const mixed = ({ fromMs, toMs }: Question): Problem =>
  new Problem(
    400,
    'archived-and-realtime',
    'The window has archived days and days in real time',
    `${iso(fromMs)} to ${iso(toMs)} has days that only the archive still tells, and clicks of days without a run: ask for them apart, by "at" and "window"`,
  );

const rowsOf = (top: Top): Row[] => top.map(([ad_id, realtime_clicks]) => ({ ad_id, run_clicks: 0, realtime_clicks }));

/** Both authorities, if there are both, in one query, since an ad may have clicks of both. A window has 31 days at most: one group. */
function queryOf(question: Question, { parts }: Plan, limit: number): [string, Record<string, unknown>] {
  const ranges: Range[] = parts.flatMap((part) => ('ranges' in part ? part.ranges : []));
  const runs: PublishedRun[] = parts.flatMap((part) => ('runs' in part && !isArchivePart(part) ? part.runs : []));
  const params = { limit, ...filterParams(question) };
  if (isRawQuestion(question)) {
    return [FROM_RAW, { ...params, ...rawBounds(question), ...rawRanges(ranges), ...cutParams(runs) }];
  }
  const minutes = { ...params, ...minuteBounds(question), ...minuteRanges(ranges) };
  return runs.length === 0 ? [FROM_REALTIME_MINUTES, minutes] : [FROM_MINUTES, { ...minutes, ...runParams(runs) }];
}
