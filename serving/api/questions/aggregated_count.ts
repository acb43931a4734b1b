import type { Receipt } from '../../../domain/receipt.ts';
import type { Log } from '../../../infra/log.ts';
import { plan } from '../../planner/plan.ts';
import type { AdQuestion } from '../../planner/question.ts';
import type { Stores } from '../stores/engines.ts';
import { readPublishedRuns } from '../stores/ledger.ts';
import { type IndexerState, readIndexerStateIfUp, WITHOUT_SEARCH } from '../stores/search_state.ts';
import { countByPlan } from './count.ts';
import { planWithArchive, readExpiredDays } from './expired.ts';
import { isFailureOf, partialAnswerProblem, partialAnswerWithoutLedger } from './partial_answer.ts';
import { receiptOf } from './receipt.ts';

export interface CountAnswer {
  ad_id: string;
  count: number;
  receipt: Receipt;
}

/**
 * Answers from the best stores; if Elasticsearch fails (it is down, or an index was given up meanwhile), from
 * ClickHouse alone, with the same numbers. Without ClickHouse there is no answer, but a Problem with what is known.
 */
export async function aggregatedCount(
  stores: Stores,
  question: AdQuestion,
  nowMs: number,
  signal: AbortSignal,
  log: Log,
): Promise<CountAnswer> {
  const reading = readIndexerStateIfUp(stores, log);
  const [ledger, gone] = await Promise.allSettled([
    readPublishedRuns(stores, question),
    readExpiredDays(stores, question, nowMs, signal),
  ]);
  const state = await reading;
  if (ledger.status === 'rejected')
    throw await partialAnswerWithoutLedger(stores, question, { state }, signal, ledger.reason);
  if (gone.status === 'rejected')
    throw await partialAnswerWithoutLedger(stores, question, { state }, signal, gone.reason);

  const answer = async (by: IndexerState): Promise<CountAnswer> => {
    const inTables = plan(question, { ...by, published: ledger.value });
    try {
      const planned = await planWithArchive(stores, inTables, gone.value, nowMs, signal);
      const counts = await countByPlan(stores, question, planned, signal, gone.value);
      return {
        ad_id: question.adId,
        count: counts.batch + counts.realtime,
        receipt: receiptOf(planned, counts, state),
      };
    } catch (error) {
      if (!isFailureOf(error, 'clickhouse')) throw error;
      throw await partialAnswerProblem(stores, question, inTables, signal, error);
    }
  };
  try {
    return await answer(state);
  } catch (error) {
    if (!isFailureOf(error, 'elasticsearch')) throw error;
    log.warn({ err: error }, 'answering without Elasticsearch');
    return answer(WITHOUT_SEARCH);
  }
}
