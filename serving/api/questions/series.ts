import type { Finality, Receipt } from '../../../domain/receipt.ts';
import { iso, SECOND_MS } from '../../../domain/time.ts';
import type { Log } from '../../../infra/log.ts';
import { isLateKept } from '../../planner/as_of.ts';
import { isRawQuestion, plan } from '../../planner/plan.ts';
import type { AdQuestion } from '../../planner/question.ts';
import { NO_SEARCH } from '../../planner/question.ts';
import { clipAll, type Range } from '../../planner/ranges.ts';
import {
  finalitiesOf,
  isOfMinutes,
  MAX_PIECES,
  MAX_POINTS,
  pieceMs,
  piecesOf,
  type Series,
  seriesPoints,
  sumPieces,
  windowsOf,
} from '../../planner/series.ts';
import { badParameters } from '../contract/problem.ts';
import type { Stores } from '../stores/engines.ts';
import { readPublishedRuns } from '../stores/ledger.ts';
import { countIndexPieces, type IndexPart, isIndexPart } from '../stores/search.ts';
import { type IndexerState, readIndexerStateIfUp } from '../stores/search_state.ts';
import { countLate, countPieces } from './count.ts';
import { planWithArchive, readExpiredDays } from './expired.ts';
import { isFailureOf, partialAnswerWithoutLedger } from './partial_answer.ts';
import { receiptOf } from './receipt.ts';

interface SeriesAnswer {
  ad_id: string;
  /** Seconds. */
  size: number;
  hop: number;
  points: { from: string; to: string; count: number; status: Finality }[];
  receipt: Receipt;
}

/** Throws a Problem with the allowed limits. */
export function checkSeries(series: Series): void {
  const { fromMs, toMs, sizeMs, hopMs } = series;
  if (hopMs > sizeMs) throw badParameters([{ parameter: 'hop', expected: `at most the size, ${sizeMs / SECOND_MS}` }]);
  const atLeast = (count: number): number => Math.ceil((toMs - fromMs) / count / SECOND_MS);
  if (seriesPoints(series) > MAX_POINTS) {
    const expected = `at least ${atLeast(MAX_POINTS)} for this range, or a shorter range: there are at most ${MAX_POINTS} points`;
    throw badParameters([{ parameter: 'hop', expected, got: String(hopMs / SECOND_MS) }]);
  }
  if (piecesOf(series) > MAX_PIECES) {
    const expected = `a multiple, like hop, of a number from ${atLeast(MAX_PIECES)} on for this range, or a shorter range`;
    throw badParameters([{ parameter: 'size', expected, got: String(sizeMs / SECOND_MS) }]);
  }
}

/**
 * All windows from one read of the ledger and from ClickHouse (and Hive, where rows have expired), with the same parts
 * as a count.
 */
export async function adSeries(
  stores: Stores,
  question: AdQuestion,
  { sizeMs, hopMs }: Pick<Series, 'sizeMs' | 'hopMs'>,
  nowMs: number,
  signal: AbortSignal,
  log: Log,
): Promise<SeriesAnswer> {
  const series = { fromMs: question.fromMs, toMs: question.toMs, sizeMs, hopMs };
  const reading = readIndexerStateIfUp(stores, log);
  const isRaw = isRawQuestion(question) || !isOfMinutes(series);
  try {
    return await fromTables(stores, question, series, isRaw, reading, nowMs, signal);
  } catch (error) {
    if (!isFailureOf(error, 'clickhouse')) throw error;
    const more = async (parts: IndexPart[], unknown: Range[]) => ({
      points: await knownPoints(stores, question, series, parts, unknown, signal),
    });
    throw await partialAnswerWithoutLedger(stores, question, { state: await reading, isRaw }, signal, error, more);
  }
}

async function fromTables(
  stores: Stores,
  question: AdQuestion,
  series: Series,
  isRaw: boolean,
  reading: Promise<IndexerState>,
  nowMs: number,
  signal: AbortSignal,
): Promise<SeriesAnswer> {
  const [state, published, rawDays] = await Promise.all([
    reading,
    readPublishedRuns(stores, question),
    readExpiredDays(stores, question, nowMs, signal),
  ]);
  const inTables = plan(question, { ...NO_SEARCH, published }, isRaw);
  const planned = await planWithArchive(stores, inTables, rawDays, nowMs, signal);
  const parts = planned.parts.filter((part) => !isIndexPart(part));
  const grid = { startMs: series.fromMs, pieceMs: pieceMs(series) };
  const [counted, late] = await Promise.all([
    Promise.all(parts.map((part) => countPieces(stores, question, part, grid, signal))),
    isLateKept(planned, { incompleteDays: rawDays }) ? countLate(stores, question, planned, signal) : null,
  ]);
  const pieces = new Map<number, number>();
  const counts = { batch: 0, realtime: 0, late };
  for (const [i, part] of parts.entries()) {
    for (const { piece, clicks } of counted[i] ?? []) {
      pieces.set(piece, (pieces.get(piece) ?? 0) + clicks);
      counts[part.kind.startsWith('run_') ? 'batch' : 'realtime'] += clicks;
    }
  }
  const [sums, finalities] = [sumPieces(series, pieces), finalitiesOf(series, published)];
  return {
    ad_id: question.adId,
    size: series.sizeMs / SECOND_MS,
    hop: series.hopMs / SECOND_MS,
    points: windowsOf(series).map(({ fromMs, toMs }, i) => ({
      from: iso(fromMs),
      to: iso(toMs),
      count: sums[i] ?? 0,
      status: finalities[i] ?? 'provisional',
    })),
    receipt: receiptOf(planned, counts, state),
  };
}

/** Windows without any unknown part. */
async function knownPoints(
  stores: Stores,
  question: AdQuestion,
  series: Series,
  parts: IndexPart[],
  unknown: Range[],
  signal: AbortSignal,
): Promise<{ from: string; to: string; count: number }[]> {
  const grid = { startMs: series.fromMs, pieceMs: pieceMs(series) };
  const counted = await Promise.all(parts.map((part) => countIndexPieces(stores, question, part, grid, signal)));
  const pieces = new Map<number, number>();
  for (const { piece, clicks } of counted.flat()) pieces.set(piece, (pieces.get(piece) ?? 0) + clicks);
  const sums = sumPieces(series, pieces);
  return windowsOf(series).flatMap((window, i) =>
    clipAll(unknown, window).length === 0
      ? [{ from: iso(window.fromMs), to: iso(window.toMs), count: sums[i] ?? 0 }]
      : [],
  );
}
