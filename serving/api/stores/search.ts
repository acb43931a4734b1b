import type { estypes } from '@elastic/elasticsearch';
import { z } from 'zod';
import { count } from '../../../domain/fields.ts';
import { parsed } from '../../../domain/parse.ts';
import { ALL_CLICKS_ROWS } from '../../documents/rows.ts';
import type { Part } from '../../planner/parts.ts';
import type { Question } from '../../planner/question.ts';
import { EngineFailure } from '../contract/engine_failure.ts';
import { batchedSearch } from './batched_search.ts';
import { engineCall, type Stores } from './engines.ts';

export type IndexPart = Part & { kind: 'run_hours' | 'run_index' | 'realtime_index' };

export const isIndexPart = (part: Part): part is IndexPart => 'indexes' in part;

/**
 * The clicks of each part. Every index is named, and a missing one, or a shard that does not answer, fails the whole:
 * never a smaller count. (A multi-search, because the names of many indexes are too long for a URL.)
 */
export async function countIndexParts(
  { elasticsearch }: Pick<Stores, 'elasticsearch'>,
  question: Question,
  parts: IndexPart[],
  signal: AbortSignal,
): Promise<number[]> {
  if (parts.length === 0) return [];
  const searches = parts.flatMap((part) => [
    { index: part.indexes, allow_partial_search_results: false },
    {
      size: 0,
      track_total_hits: false,
      query: { bool: { filter: filtersOf(question, part) } },
      aggs: { clicks: { sum: { field: 'clicks' } } },
    },
  ]);
  const responses = await engineCall('elasticsearch', batchedSearch(elasticsearch, searches, signal));
  return responses.map((response) => {
    if ('error' in response) throw new EngineFailure('elasticsearch', new Error(JSON.stringify(response.error)));
    const clicks = response.aggregations?.clicks as estypes.AggregationsSumAggregate | undefined;
    if (typeof clicks?.value !== 'number' || response.timed_out)
      throw new EngineFailure('elasticsearch', new Error('the search did not finish'));
    return clicks.value;
  });
}

const pieceBuckets = z.object({
  buckets: z.array(z.object({ key: z.int(), clicks: z.object({ value: count.nullable() }) })),
});

/** Clicks of a part by piece; whole minutes. A piece without clicks is absent. */
export async function countIndexPieces(
  { elasticsearch }: Pick<Stores, 'elasticsearch'>,
  question: Question,
  part: IndexPart,
  { startMs, pieceMs }: { startMs: number; pieceMs: number },
  signal: AbortSignal,
): Promise<{ piece: number; clicks: number }[]> {
  const search = {
    size: 0,
    track_total_hits: false,
    query: { bool: { filter: filtersOf(question, part) } },
    aggs: {
      pieces: {
        date_histogram: {
          field: 'minute',
          fixed_interval: `${pieceMs}ms`,
          offset: `+${startMs % pieceMs}ms`,
          min_doc_count: 1,
        },
        aggs: { clicks: { sum: { field: 'clicks' } } },
      },
    },
  };
  const header = { index: part.indexes, allow_partial_search_results: false };
  const [response] = await engineCall('elasticsearch', batchedSearch(elasticsearch, [header, search], signal));
  if (response === undefined || 'error' in response || response.timed_out) {
    throw new EngineFailure('elasticsearch', new Error(JSON.stringify(response)));
  }
  const { buckets } = parsed(pieceBuckets, response.aggregations?.pieces, 'pieces of a search');
  return buckets.map(({ key, clicks }) => ({
    piece: Math.floor((key - startMs) / pieceMs),
    clicks: clicks.value ?? 0,
  }));
}

function filtersOf({ adId, filter: { country } }: Question, part: IndexPart) {
  const { kind, fromMs, toMs } = part;
  const time = kind === 'run_hours' ? 'hour' : 'minute';
  const rowsOf = kind === 'run_hours' ? undefined : part.rowsOf;
  return [
    { term: { filter_id: rowsOf?.filterId ?? ALL_CLICKS_ROWS } },
    ...(rowsOf ? [{ term: { filter_revision: rowsOf.revision } }] : []),
    { range: { [time]: { gte: Math.max(0, fromMs), lt: toMs, format: 'epoch_millis' } } },
    ...(adId === null ? [] : [{ term: { ad_id: adId } }]),
    ...(country.in === null ? [] : [{ terms: { country: country.in } }]),
    ...(country.not.length === 0 ? [] : [{ bool: { must_not: { terms: { country: country.not } } } }]),
  ];
}
