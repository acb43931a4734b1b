import { z } from 'zod';
import { count } from '../../../domain/fields.ts';
import type { PublishedRun, Receipt } from '../../../domain/receipt.ts';
import { dayOf, iso, MINUTE_MS } from '../../../domain/time.ts';
import type { Top } from '../../../domain/tops.ts';
import { sql } from '../../../infra/sql.ts';
import { allRunsFromHive } from '../../planner/archive.ts';
import { isLateKept } from '../../planner/as_of.ts';
import type { Plan } from '../../planner/parts.ts';
import { isRawQuestion, plan } from '../../planner/plan.ts';
import { NO_SEARCH, type Question } from '../../planner/question.ts';
import type { Range } from '../../planner/ranges.ts';
import type { Clock } from '../../planner/tops.ts';
import { Problem, unavailable } from '../contract/problem.ts';
import { queryRowsOf } from '../stores/engines.ts';
import { isArchivePart, popularArchived } from '../stores/hive_count.ts';
import {
  cutParams,
  filterParams,
  minuteBounds,
  minuteRanges,
  rawBounds,
  rawRanges,
  runParams,
} from '../stores/query_params.ts';
import { type IndexerState, readCurrentRuns } from '../stores/search_state.ts';
import { readTop } from '../stores/tops.ts';
import type { QuestionContext } from './context.ts';
import { countLate } from './count.ts';
import { planWithArchive } from './expired.ts';
import { answerQuestion, type Facts } from './frame.ts';
import { receiptOf } from './receipt.ts';

const FROM_MINUTES = sql('clickhouse/queries/api_popular_minutes.sql');
const FROM_REALTIME_MINUTES = sql('clickhouse/queries/api_popular_realtime_minutes.sql');
const FROM_RAW = sql('clickhouse/queries/api_popular_raw.sql');

interface AdCount {
  ad_id: string;
  count: number;
}

interface PopularAnswer {
  ad_ids: string[];
  ads: AdCount[];
  window: number;
  update_time_minute: string;
  receipt: Receipt;
}

const adClicks = z.object({ ad_id: z.string(), run_clicks: count, realtime_clicks: count });
type AdClicks = z.infer<typeof adClicks>;

/** A question about whole minutes. */
type TopQuestion = Question & { adId: null; limit: number };

/**
 * The most clicked ads of whole minutes, exact: from the published top list where that is valid, else from ClickHouse,
 * or from Hive if any day of a run has expired there. The counts in the receipt are those of the listed ads.
 */
export const popularAds = (context: QuestionContext, question: TopQuestion): Promise<PopularAnswer> =>
  answerQuestion(context, question, {
    // A top list comes from one engine, and raw clicks of days without a run are not in Hive's.
    takes: isRawQuestion(question) ? 'raw' : 'minutes',
    count: (facts) => mostClicked(context, question, facts),
    notRun: (receipt) => ({ ad_ids: [], ads: [], ...windowOf(question), receipt }),
    known: async (failure, state) => {
      const known = await lastPublishedTop(context, question, state).catch(() => null);
      const detail = `${failure.message}: "known" is what was stated as of then, and may have changed`;
      return unavailable(['clickhouse'], detail, known, failure);
    },
  });

const windowOf = ({ fromMs, toMs }: Range) => ({ window: (toMs - fromMs) / MINUTE_MS, update_time_minute: iso(toMs) });

async function mostClicked(
  context: QuestionContext,
  question: TopQuestion,
  { published, rawDays, state }: Facts,
): Promise<PopularAnswer> {
  const { stores, clock, signal, log } = context;
  const top = await readTop(stores, question, { ...state, published }, clock, signal).catch((error) => {
    log().warn({ err: error }, 'answering without Elasticsearch');
    return null;
  });
  const inTables = plan(question, { ...NO_SEARCH, published });
  const planned = allRunsFromHive(await planWithArchive(context, inTables, rawDays));
  const [ads, late] = await Promise.all([
    top ? rowsOf(top.slice(0, question.limit)) : topAds(context, question, planned),
    isLateKept(planned, { incompleteDays: rawDays }) ? countLate(context, question, planned) : null,
  ]);
  const receipt: Plan = top ? { ...planned, sources: ['elasticsearch'] } : planned;
  const total = (column: 'run_clicks' | 'realtime_clicks') => ads.reduce((sum, row) => sum + row[column], 0);
  return {
    ad_ids: ads.map(({ ad_id }) => ad_id),
    ads: ads.map(({ ad_id, run_clicks, realtime_clicks }) => ({ ad_id, count: run_clicks + realtime_clicks })),
    ...windowOf(question),
    receipt: receiptOf(receipt, { batch: total('run_clicks'), realtime: total('realtime_clicks'), late }, state),
  };
}

/**
 * The last published top list of the window, whatever its age; null if there is none, or a run answers for the window.
 */
async function lastPublishedTop(
  { stores, signal }: QuestionContext,
  question: TopQuestion,
  state: IndexerState,
): Promise<{ ads: AdCount[]; as_of: string } | null> {
  if (state.tops === null) return null;
  const days = [...new Set([dayOf(question.fromMs), dayOf(question.toMs - 1)])];
  const published = await readCurrentRuns(stores, days, signal);
  const then: Clock = { nowMs: state.tops.watermarkMs, latenessMs: 0 };
  const top = await readTop(stores, question, { ...state, published }, then, signal);
  const ads = top?.slice(0, question.limit).map(([ad_id, count]) => ({ ad_id, count }));
  return ads ? { ads, as_of: iso(state.tops.watermarkMs) } : null;
}

async function topAds(context: QuestionContext, question: TopQuestion, planned: Plan): Promise<AdClicks[]> {
  const { stores, signal } = context;
  const archived = planned.parts.find(isArchivePart);
  const inTables = (most: number) => queryRowsOf(context, adClicks, ...queryOf(question, planned, most), signal);
  if (archived === undefined) return inTables(question.limit);
  // All runs come from Hive here, so this can only be real-time clicks, which are rare for expired days.
  const [inHive, realtime] = await Promise.all([
    popularArchived(stores, question, archived, question.limit, signal),
    inTables(1),
  ]);
  if (realtime.length > 0) throw mixedEnginesProblem(question);
  return inHive.map(({ ad_id, clicks }) => ({ ad_id, run_clicks: clicks, realtime_clicks: 0 }));
}

/** The overall top list cannot be computed from the top lists of two engines. */
const mixedEnginesProblem = ({ fromMs, toMs }: Question): Problem =>
  new Problem(
    400,
    'archived-and-realtime',
    'The window has archived days and days in real time',
    `${iso(fromMs)} to ${iso(toMs)} has days that only the archive still has, and clicks of days without a run: ask for them separately, by "at" and "window"`,
  );

const rowsOf = (top: Top): AdClicks[] =>
  top.map(([ad_id, realtime_clicks]) => ({ ad_id, run_clicks: 0, realtime_clicks }));

/** Runs and real time in one query, since an ad may have clicks in both. A window has at most 31 days: one group. */
function queryOf(question: Question, { parts }: Plan, limit: number): [string, Record<string, unknown>] {
  const ranges: Range[] = parts.flatMap((part) => ('ranges' in part ? part.ranges : []));
  const runs: PublishedRun[] = parts.flatMap((part) => ('runs' in part && !isArchivePart(part) ? part.runs : []));
  const params = { limit, ...filterParams(question) };
  if (isRawQuestion(question)) {
    return [FROM_RAW, { ...params, ...rawBounds(question), ...rawRanges(ranges), ...cutParams(runs) }];
  }
  const [range, ...others] = ranges;
  if (runs.length === 0 && range && others.length === 0) {
    return [FROM_REALTIME_MINUTES, { ...params, ...minuteBounds(range) }];
  }
  const minutes = { ...minuteBounds(question), ...minuteRanges(ranges) };
  return [FROM_MINUTES, { ...params, ...minutes, ...runParams(runs) }];
}
