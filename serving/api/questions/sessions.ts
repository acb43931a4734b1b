import { z } from 'zod';
import { count } from '../../../domain/fields.ts';
import type { Receipt } from '../../../domain/receipt.ts';
import { iso, SECOND_MS } from '../../../domain/time.ts';
import { sql } from '../../../infra/sql.ts';
import { plan } from '../../planner/plan.ts';
import { type AdQuestion, NO_SEARCH } from '../../planner/question.ts';
import { Problem } from '../contract/problem.ts';
import { queryRowsOf } from '../stores/engines.ts';
import { cutParams, filterParams, rawBounds, rawRanges } from '../stores/query_params.ts';
import type { QuestionContext } from './context.ts';
import { countLate } from './count.ts';
import { answerQuestion, type Facts } from './frame.ts';
import { receiptOf } from './receipt.ts';

const SESSIONS = sql('clickhouse/queries/api_sessions.sql');

interface SessionsAnswer {
  ad_id: string;
  /** Seconds. */
  gap: number;
  total: number | null;
  users: number | null;
  clicks: number | null;
  mean_clicks: number | null;
  mean_seconds: number | null;
  sessions: { user_id: string; from: string; to: string; clicks: number }[];
  receipt: Receipt;
}

const sessionsRow = z.object({
  total: count,
  users: count,
  run_clicks: count,
  realtime_clicks: count,
  session_ms: count,
  /** From (ms), user id, to (ms), clicks. */
  page: z.array(z.tuple([z.int(), z.string(), z.int(), count])),
});
type SessionsRow = z.infer<typeof sessionsRow>;

interface SessionsAsked {
  /** Clicks of a user that are further apart begin a new session. */
  gapMs: number;
  /** The page of the list. */
  offset: number;
  limit: number;
}

/** A page of the sessions in the range, ordered by first click, and totals of all of them. */
export const adSessions = (
  context: QuestionContext,
  question: AdQuestion,
  asked: SessionsAsked,
): Promise<SessionsAnswer> =>
  answerQuestion(context, question, {
    takes: 'raw',
    count: (facts) => countSessions(context, question, asked, facts),
    notRun: (receipt) => ({
      ad_id: question.adId,
      gap: asked.gapMs / SECOND_MS,
      total: null,
      users: null,
      clicks: null,
      mean_clicks: null,
      mean_seconds: null,
      sessions: [],
      receipt,
    }),
  });

async function countSessions(
  context: QuestionContext,
  question: AdQuestion,
  { gapMs, offset, limit }: SessionsAsked,
  { published, rawDays, state }: Facts,
): Promise<SessionsAnswer> {
  if (rawDays.size > 0) throw notKept(rawDays);
  const planned = plan(question, { ...NO_SEARCH, published }, true);
  const ranges = planned.parts.flatMap((part) => (part.kind === 'realtime_raw' ? part.ranges : []));
  const params = {
    ad_id: question.adId,
    gap_ms: gapMs,
    offset,
    limit,
    upto: offset + limit,
    ...filterParams(question),
    ...rawBounds(question),
    ...rawRanges(ranges),
    ...cutParams(planned.runs),
  };
  const [[row = NONE], late] = await Promise.all([
    queryRowsOf(context, sessionsRow, SESSIONS, params, context.signal),
    countLate(context, question, planned),
  ]);
  const clicks = row.run_clicks + row.realtime_clicks;
  return {
    ad_id: question.adId,
    gap: gapMs / SECOND_MS,
    total: row.total,
    users: row.users,
    clicks,
    mean_clicks: row.total === 0 ? null : clicks / row.total,
    mean_seconds: row.total === 0 ? null : row.session_ms / row.total / SECOND_MS,
    sessions: row.page.map(([fromMs, user_id, toMs, n]) => ({ user_id, from: iso(fromMs), to: iso(toMs), clicks: n })),
    receipt: receiptOf(planned, { batch: row.run_clicks, realtime: row.realtime_clicks, late }, state),
  };
}

const NONE: SessionsRow = { total: 0, users: 0, run_clicks: 0, realtime_clicks: 0, session_ms: 0, page: [] };

function notKept(days: ReadonlySet<string>): Problem {
  const dates = [...days].sort();
  const detail = `sessions take raw clicks, and those of ${dates[0]} to ${dates.at(-1)} are no longer all kept: ask for later days`;
  return new Problem(400, 'raw-not-kept', 'Raw clicks are no longer kept', detail, { days: dates });
}
