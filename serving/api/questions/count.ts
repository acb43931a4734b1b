import { z } from 'zod';
import { count } from '../../../domain/fields.ts';
import { sql } from '../../../infra/sql.ts';
import { NOTHING_EXPIRED } from '../../planner/archive.ts';
import { isLateKept } from '../../planner/as_of.ts';
import type { Part, Plan } from '../../planner/parts.ts';
import type { AdQuestion, Question } from '../../planner/question.ts';
import type { Grid } from '../../planner/series.ts';
import { queryRowsOf } from '../stores/engines.ts';
import { countArchived, isArchivePart } from '../stores/hive_count.ts';
import { cutParams, filterParams, inGroups, minuteBounds, rawBounds, runParams } from '../stores/query_params.ts';
import { countIndexParts, type IndexPart, isIndexPart } from '../stores/search.ts';
import type { QuestionContext } from './context.ts';
import { runsWithLate } from './late_days.ts';
import { countRealtime, type Piece, piece } from './realtime_count.ts';

const RUN_MINUTES = sql('clickhouse/queries/api_count_run_minutes.sql');
const RUN_RAW = sql('clickhouse/queries/api_count_run_raw.sql');
const LATE_ARRIVALS = sql('clickhouse/queries/api_late_arrivals.sql');
const LATE = sql('clickhouse/queries/api_late.sql');

const clickCount = z.object({ clicks: count });

export interface SideCounts {
  batch: number;
  realtime: number;
  /** null: unknown, since the raw clicks have expired. */
  late: number | null;
}

/** Counts the clicks of one ad by a plan: all parts in parallel; any failure is an EngineFailure. */
export async function countByPlan(
  context: QuestionContext,
  question: AdQuestion,
  plan: Plan,
  rawDays: ReadonlySet<string> = NOTHING_EXPIRED.rawDays,
): Promise<SideCounts> {
  const indexParts = plan.parts.filter(isIndexPart);
  const otherParts = plan.parts.filter((part) => !isIndexPart(part));
  const [fromIndexes, fromTables, late] = await Promise.all([
    countIndexParts(context.stores, question, indexParts, context.signal),
    Promise.all(otherParts.map((part) => countPieces(context, question, part, ONE_PIECE))),
    isLateKept(plan, { incompleteDays: rawDays }) ? countLate(context, question, plan) : null,
  ]);
  const counts = { batch: 0, realtime: 0, late };
  const clicks = [...fromIndexes, ...fromTables.map((pieces) => pieces.reduce((sum, piece) => sum + piece.clicks, 0))];
  for (const [i, part] of [...indexParts, ...otherParts].entries()) {
    counts[part.kind.startsWith('run_') ? 'batch' : 'realtime'] += clicks[i] ?? 0;
  }
  return counts;
}

const ONE_PIECE: Grid = { startMs: 0, pieceMs: Number.MAX_SAFE_INTEGER };

type TablePart = Exclude<Part, IndexPart>;

/** Clicks of a part by piece. A piece without clicks is absent, and one may occur more than once. */
export async function countPieces(
  context: QuestionContext,
  question: AdQuestion,
  part: TablePart,
  { startMs, pieceMs }: Grid,
): Promise<Piece[]> {
  const { stores, signal } = context;
  const asked = { ad_id: question.adId, start_ms: startMs, piece_ms: pieceMs, ...filterParams(question) };
  const pieces = (query: string, params: Record<string, unknown>): Promise<Piece[]> =>
    queryRowsOf(context, piece, query, { ...asked, ...params }, signal);
  if (isArchivePart(part)) {
    return countArchived(stores, { adId: question.adId, filter: question.filter }, part, { startMs, pieceMs }, signal);
  }
  switch (part.kind) {
    case 'realtime_minutes':
    case 'realtime_raw':
      return countRealtime(context, question, part, { startMs, pieceMs });
    case 'run_minutes':
      return all(inGroups(part.runs).map((runs) => pieces(RUN_MINUTES, { ...minuteBounds(part), ...runParams(runs) })));
    case 'run_raw':
      return all(inGroups(part.runs).map((runs) => pieces(RUN_RAW, { ...rawBounds(part), ...cutParams(runs) })));
  }
}

/** Clicks of the question's published days that came after the cuts. */
export async function countLate(context: QuestionContext, question: Question, { late }: Plan): Promise<number> {
  if (late === null) return 0;
  const ad_ids = question.adId === null ? [...(question.adIds ?? [])] : [question.adId];
  const ofGroup = async (params: Record<string, unknown>): Promise<number> => {
    // Nearly always there are none, and checking that is cheap.
    if ((await askClicks(context, LATE_ARRIVALS, params)) === 0) return 0;
    return askClicks(context, LATE, params);
  };
  const params = { ad_ids, ...filterParams(question), ...rawBounds(late) };
  const runs = question.asOfMs === null ? await runsWithLate(context.stores, late.runs) : late.runs;
  return sum(inGroups(runs).map((group) => ofGroup({ ...params, ...cutParams(group) })));
}

async function askClicks(context: QuestionContext, query: string, params: Record<string, unknown>): Promise<number> {
  const [row] = await queryRowsOf(context, clickCount, query, params, context.signal);
  return row?.clicks ?? 0;
}

const all = async <T>(lists: Promise<T[]>[]): Promise<T[]> => (await Promise.all(lists)).flat();

async function sum(counts: Promise<number>[]): Promise<number> {
  return (await Promise.all(counts)).reduce((total, count) => total + count, 0);
}
