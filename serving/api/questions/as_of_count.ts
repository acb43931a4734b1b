import { iso } from '../../../domain/time.ts';
import { NOTHING_EXPIRED } from '../../planner/archive.ts';
import { answerableFrom, isKept, type PastQuestion, planAsOf } from '../../planner/as_of.ts';
import { splitAtFirstRun } from '../../planner/not_run.ts';
import type { AdQuestion } from '../../planner/question.ts';
import { Problem } from '../contract/problem.ts';
import { readPublishedEvents } from '../stores/ledger.ts';
import { type IndexerState, readIndexerStateIfUp } from '../stores/search_state.ts';
import type { CountAnswer } from './aggregated_count.ts';
import type { QuestionContext } from './context.ts';
import { countByPlan } from './count.ts';
import { planWithArchive, readExpiredDays } from './expired.ts';
import { notRunReceipt, receiptOf } from './receipt.ts';
import { withWarnings } from './warnings.ts';

/**
 * What was known at a past time: the runs that were current then and, for days without one, the clicks that had
 * arrived. All of it comes from ClickHouse. A Problem if required raw clicks have expired.
 */
export async function countAsOf(context: QuestionContext, question: AdQuestion & PastQuestion): Promise<CountAnswer> {
  const { stores, clock, log } = context;
  if (splitAtFirstRun(question, stores.firstRunMs).notRun !== null) {
    const then = stateThen(await readIndexerStateIfUp(stores, log), question.asOfMs, clock.latenessMs);
    const receipt = { as_of: iso(question.asOfMs), ...notRunReceipt(then) };
    return withWarnings({ ad_id: question.adId, count: null, receipt }, question, context);
  }
  const { planned, incompleteDays, state } = await planPast(context, question);
  const counts = await countByPlan(context, question, planned, incompleteDays);
  const answer: CountAnswer = {
    ad_id: question.adId,
    count: counts.batch + counts.realtime,
    receipt: {
      as_of: iso(question.asOfMs),
      ...receiptOf(planned, counts, state),
    },
  };
  return withWarnings(answer, question, context);
}

/** By what was known then. A Problem if required raw clicks have expired. */
export async function planPast(context: QuestionContext, question: PastQuestion) {
  const { stores, clock, signal, log } = context;
  const [sinceMs, events, incompleteDays, indexer] = await Promise.all([
    stores.rawSinceMs(clock.nowMs),
    readPublishedEvents(stores, question, signal),
    readExpiredDays(context, question),
    readIndexerStateIfUp(stores, log),
  ]);
  const kept = { sinceMs, incompleteDays };
  const inTables = planAsOf(question, events);
  if (!isKept(inTables, question.asOfMs, kept)) {
    throw notKept(question, sinceMs, answerableFrom(question, events, kept, clock.nowMs));
  }
  const planned = await planWithArchive(context, inTables, NOTHING_EXPIRED.rawDays);
  return { planned, incompleteDays, state: stateThen(indexer, question.asOfMs, clock.latenessMs) };
}

/**
 * The watermark if everything had been counted immediately, or the current one if it is lower. No minute comes from a
 * real-time index, so there is no boundary.
 */
const stateThen = ({ watermarkMs }: IndexerState, asOfMs: number, latenessMs: number) => ({
  watermarkMs: watermarkMs === null ? null : Math.min(watermarkMs, asOfMs - latenessMs),
  boundaryMs: null,
});

function notKept({ asOfMs }: PastQuestion, sinceMs: number, fromMs: number | null): Problem {
  const remedy =
    fromMs === null
      ? 'it cannot be answered as of any time; whole minutes of days that had a run, without ip and user_id, can'
      : `the first time that it can be answered as of is ${iso(fromMs)}`;
  const detail = `as_of ${iso(asOfMs)} takes raw clicks that arrived before ${iso(sinceMs)}, which are no longer kept: ${remedy}`;
  return new Problem(400, 'as-of-not-kept', 'What was known then is no longer kept', detail, {
    answerable_from: fromMs === null ? null : iso(fromMs),
    raw_clicks_since: iso(sinceMs),
  });
}
