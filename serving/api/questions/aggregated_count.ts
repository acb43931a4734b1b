import type { Receipt } from '../../../domain/receipt.ts';
import { plan } from '../../planner/plan.ts';
import type { AdQuestion } from '../../planner/question.ts';
import { type IndexerState, WITHOUT_SEARCH } from '../stores/search_state.ts';
import type { QuestionContext } from './context.ts';
import { countByPlan } from './count.ts';
import { planWithArchive } from './expired.ts';
import { answerQuestion, type Facts } from './frame.ts';
import { isFailureOf, partialAnswer, partialAnswerWithoutLedger } from './partial_answer.ts';
import { receiptOf } from './receipt.ts';

export interface CountAnswer {
  ad_id: string;
  /** null: part of the range was not run. */
  count: number | null;
  receipt: Receipt;
}

/**
 * Answers from the best stores; if Elasticsearch fails (it is down, or an index was given up meanwhile), from
 * ClickHouse alone, with the same numbers. Without ClickHouse there is no answer, but a Problem with what is known.
 */
export const aggregatedCount = (context: QuestionContext, question: AdQuestion): Promise<CountAnswer> =>
  answerQuestion(context, question, {
    count: async (facts) => {
      try {
        return await countFrom(context, question, facts, facts.state);
      } catch (error) {
        if (!isFailureOf(error, 'elasticsearch')) throw error;
        context.log().warn({ err: error }, 'answering without Elasticsearch');
        return countFrom(context, question, facts, WITHOUT_SEARCH);
      }
    },
    notRun: (receipt) => ({ ad_id: question.adId, count: null, receipt }),
    known: (failure, state) => partialAnswerWithoutLedger(context, question, { state }, failure),
  });

/** @param search what Elasticsearch is asked for */
async function countFrom(
  context: QuestionContext,
  question: AdQuestion,
  { published, rawDays, state }: Facts,
  search: IndexerState,
): Promise<CountAnswer> {
  const inTables = plan(question, { ...search, published });
  try {
    const planned = await planWithArchive(context, inTables, rawDays);
    const counts = await countByPlan(context, question, planned, rawDays);
    return {
      ad_id: question.adId,
      count: counts.batch + counts.realtime,
      receipt: receiptOf(planned, counts, state),
    };
  } catch (error) {
    if (!isFailureOf(error, 'clickhouse')) throw error;
    throw await partialAnswer(context, question, inTables, error);
  }
}
