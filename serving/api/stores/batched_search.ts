import type { estypes } from '@elastic/elasticsearch';
import type { ElasticsearchClient } from '../../../infra/clients/elasticsearch.ts';
import { memoizeByObject } from './cached_read.ts';
import { answerAll, type Waiter } from './coalesce.ts';
import { searchOptions } from './engines.ts';

type Searches = estypes.MsearchRequestItem[];
type Answer = estypes.MsearchMultiSearchItem<unknown> | estypes.ErrorResponseBase;

/** A header and a body for each search. */
type WaitingSearch = Waiter<Searches, Answer[]>;

/** Searches per request, so that it stays short, and an error affects few. */
const MAX_SEARCHES = 32;
/** Indexes of a search that shares a request: one with more would delay the others. */
const MAX_INDEXES = 4;

/**
 * The answers to some searches. Searches of the same moment go to Elasticsearch in one request, since a request costs
 * both sides more than a search of a day. It is cancelled when no caller waits for any of it.
 */
export function batchedSearch(
  elasticsearch: ElasticsearchClient,
  searches: Searches,
  signal: AbortSignal,
): Promise<Answer[]> {
  const isLong = searches.some(
    (item) => 'index' in item && Array.isArray(item.index) && item.index.length > MAX_INDEXES,
  );
  return new Promise((answer, fail) => {
    const waiting = { question: searches, signal, answer, fail };
    if (isLong) void send(elasticsearch, [waiting]);
    else queueOf(elasticsearch).push(waiting);
  });
}

const queueOf = memoizeByObject((elasticsearch: ElasticsearchClient) => {
  let queue: WaitingSearch[] = [];
  let queued = 0;
  const flush = (): void => {
    const batch = queue;
    [queue, queued] = [[], 0];
    if (batch.length > 0) void send(elasticsearch, batch);
  };
  return {
    push(waiting: WaitingSearch): void {
      // Collects everything asked in this turn of the event loop.
      if (queue.length === 0) setImmediate(flush);
      queue.push(waiting);
      queued += waiting.question.length / 2;
      if (queued >= MAX_SEARCHES) flush();
    },
  };
});

const send = (elasticsearch: ElasticsearchClient, batch: WaitingSearch[]): Promise<void> =>
  answerAll(batch, async (asked, signal) => {
    const { responses } = await elasticsearch.msearch({ searches: asked.flat() }, searchOptions(signal));
    let at = 0;
    return asked.map(({ length }) => {
      const from = at;
      at += length / 2;
      return responses.slice(from, at);
    });
  });
