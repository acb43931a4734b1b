import type { PublishedRun, Receipt } from '../../../domain/receipt.ts';
import type { Takes } from '../../../domain/restored.ts';
import { splitAtFirstRun } from '../../planner/not_run.ts';
import type { Question } from '../../planner/question.ts';
import type { EngineFailure } from '../contract/engine_failure.ts';
import { readPublishedRuns } from '../stores/ledger.ts';
import { type IndexerState, readIndexerStateIfUp } from '../stores/search_state.ts';
import type { QuestionContext } from './context.ts';
import { readExpiredDays } from './expired.ts';
import { isFailureOf } from './partial_answer.ts';
import { notRunReceipt } from './receipt.ts';
import { withWarnings } from './warnings.ts';

/** What is read before a question is planned. */
export interface Facts {
  /** From one read of the ledger: two reads could give one day to a run and to real time. */
  published: ReadonlyMap<string, PublishedRun>;
  /** Published days whose raw clicks are not all in ClickHouse any more. */
  rawDays: ReadonlySet<string>;
  /** What Elasticsearch can answer; nothing, if it does not answer. */
  state: IndexerState;
}

interface Steps<Answer> {
  /** Absent: counts by minute; raw clicks that are not in ClickHouse are asked of Hive. */
  takes?: Takes;
  /** Plans, counts and makes the receipt. */
  count: (facts: Facts) => Promise<Answer>;
  /** The answer without a count, since the kind of event was not run on some days of the range. Absent: `count` sees to it. */
  notRun?: (receipt: Receipt) => Answer;
  /** The error that says what is known while ClickHouse, which holds the ledger, is away. Absent: nothing is. */
  known?: (failure: EngineFailure, state: IndexerState) => Promise<Error>;
}

/** The frame of all questions: read the facts, count by them, and without ClickHouse say what is known instead. */
export async function answerQuestion<Answer extends { receipt: Receipt }>(
  context: QuestionContext,
  question: Question,
  { takes, count, known, notRun }: Steps<Answer>,
): Promise<Answer> {
  const reading = readIndexerStateIfUp(context.stores, context.log);
  if (notRun !== undefined && splitAtFirstRun(question, context.stores.firstRunMs).notRun !== null) {
    return withWarnings(notRun(notRunReceipt(await reading)), question, context);
  }
  try {
    const [published, rawDays, state] = await Promise.all([
      readPublishedRuns(context.stores, question, takes),
      readExpiredDays(context, question),
      reading,
    ]);
    const answer = await count({ published, rawDays, state });
    return await withWarnings(answer, question, context);
  } catch (error) {
    if (known === undefined || !isFailureOf(error, 'clickhouse')) throw error;
    throw await known(error, await reading);
  }
}
