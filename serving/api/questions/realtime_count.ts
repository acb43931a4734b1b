import { z } from 'zod';
import { count } from '../../../domain/fields.ts';
import { HOUR_MS, MINUTE_MS } from '../../../domain/time.ts';
import type { ClickHouseSettings } from '../../../infra/clients/clickhouse.ts';
import { sql } from '../../../infra/sql.ts';
import type { Part } from '../../planner/parts.ts';
import type { AdQuestion } from '../../planner/question.ts';
import type { Range } from '../../planner/ranges.ts';
import type { Grid } from '../../planner/series.ts';
import { memoizeByObject } from '../stores/cached_read.ts';
import { coalesce } from '../stores/coalesce.ts';
import { queryRowsOf, type Stores } from '../stores/engines.ts';
import { filterParams, outerBounds, rawBounds } from '../stores/query_params.ts';
import type { QuestionContext } from './context.ts';

const QUERIES = {
  realtime_minutes: sql('clickhouse/queries/api_count_realtime_minutes.sql'),
  realtime_raw: sql('clickhouse/queries/api_count_realtime_raw.sql'),
};

export const piece = z.object({ piece: z.int(), clicks: count });
export type Piece = z.infer<typeof piece>;

/** `n`: number of the question, from 1. */
const numberedPiece = piece.extend({ n: z.int().min(1) });

type RealtimePart = Part & { kind: keyof typeof QUERIES };

interface Asked {
  kind: RealtimePart['kind'];
  adId: string;
  ranges: Range[];
  grid: Grid;
  filter: ReturnType<typeof filterParams>;
}

/** Longer questions would delay the others. */
const SHORT_MS = 15 * MINUTE_MS;
const MAX_PER_QUERY = 32;
/**
 * Short questions read too little for more threads: beside inserts these only make the slowest queries slower, by a
 * tenth.
 */
const ONE_THREAD = { max_threads: 1 };

/**
 * Clicks of an ad on days without a run, by piece. Short questions with the same conditions in the same hour are asked
 * in one query, since every dashboard asks for the open minutes: reading them costs the same as for one ad, and so does
 * nearly all the rest of a query.
 */
export async function countRealtime(
  context: QuestionContext,
  question: AdQuestion,
  { kind, ranges }: RealtimePart,
  grid: Grid,
): Promise<Piece[]> {
  const asked = { kind, adId: question.adId, ranges, grid, filter: filterParams(question) };
  const { stores, signal } = context;
  const { fromMs, toMs } = outerBounds(ranges);
  if (toMs - fromMs > SHORT_MS) return (await queryAll(context, [asked], signal))[0] ?? [];
  const key = JSON.stringify([kind, Math.floor(fromMs / HOUR_MS), question.filter, question.asOfMs]);
  return coalescedOf(stores)(key, asked, signal);
}

const coalescedOf = memoizeByObject((stores: Stores) =>
  coalesce<Asked, Piece[]>(MAX_PER_QUERY, (questions, signal) => queryAll(stores, questions, signal, ONE_THREAD)),
);

/** @param questions of one kind and with the same conditions */
async function queryAll(
  stores: Pick<Stores, 'clickhouse'>,
  questions: Asked[],
  signal: AbortSignal,
  settings: ClickHouseSettings = {},
): Promise<Piece[][]> {
  const [first] = questions;
  if (first === undefined) return [];
  // 1-based, like ClickHouse's arrays.
  const ranges = questions.flatMap(({ ranges }, i) => ranges.map((range) => ({ ...range, n: i + 1 })));
  const params = {
    ...first.filter,
    ...rawBounds(outerBounds(ranges)),
    ad_ids: questions.map(({ adId }) => adId),
    starts: questions.map(({ grid }) => grid.startMs),
    lengths: questions.map(({ grid }) => grid.pieceMs),
    ns: ranges.map(({ n }) => n),
    froms: ranges.map(({ fromMs }) => fromMs),
    tos: ranges.map(({ toMs }) => toMs),
  };
  const found = await queryRowsOf(stores, numberedPiece, QUERIES[first.kind], params, signal, settings);
  const answers = questions.map((): Piece[] => []);
  for (const { n, piece, clicks } of found) answers[n - 1]?.push({ piece, clicks });
  return answers;
}
