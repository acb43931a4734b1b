import type { Finality, Receipt } from '../../../domain/receipt.ts';
import { iso, SECOND_MS } from '../../../domain/time.ts';
import { isLateKept } from '../../planner/as_of.ts';
import { splitAtFirstRun } from '../../planner/not_run.ts';
import { isRawQuestion, plan } from '../../planner/plan.ts';
import { type AdQuestion, NO_SEARCH } from '../../planner/question.ts';
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
import { countIndexPieces, type IndexPart, isIndexPart } from '../stores/search.ts';
import type { QuestionContext } from './context.ts';
import { countLate, countPieces } from './count.ts';
import { planWithArchive } from './expired.ts';
import { answerQuestion, type Facts } from './frame.ts';
import { partialAnswerWithoutLedger } from './partial_answer.ts';
import { notRunReceipt, receiptOf } from './receipt.ts';

interface SeriesAnswer {
  ad_id: string;
  /** Seconds. */
  size: number;
  hop: number;
  /** null: the window has days before the kind was first run. */
  points: { from: string; to: string; count: number | null; status: Finality }[];
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
export function adSeries(
  context: QuestionContext,
  question: AdQuestion,
  { sizeMs, hopMs }: Pick<Series, 'sizeMs' | 'hopMs'>,
): Promise<SeriesAnswer> {
  const asked = { ...question, sizeMs, hopMs };
  const isRaw = isRawQuestion(asked) || !isOfMinutes(asked);
  return answerQuestion(context, question, {
    count: (facts) => countSeries(context, asked, isRaw, facts),
    known: (failure, state) =>
      partialAnswerWithoutLedger(context, question, { state, isRaw }, failure, async (parts, unknown) => ({
        points: await knownPoints(context, asked, parts, unknown),
      })),
  });
}

type SeriesQuestion = AdQuestion & Series;

async function countSeries(
  context: QuestionContext,
  asked: SeriesQuestion,
  isRaw: boolean,
  { published, rawDays, state }: Facts,
): Promise<SeriesAnswer> {
  const { notRun, run } = splitAtFirstRun(asked, context.stores.firstRunMs);
  const pointsOf = (counts: number[], finalities: Finality[]): SeriesAnswer['points'] =>
    windowsOf(asked).map(({ fromMs, toMs }, i) => ({
      from: iso(fromMs),
      to: iso(toMs),
      ...(notRun !== null && fromMs < notRun.toMs
        ? { count: null, status: 'not_run' }
        : { count: counts[i] ?? 0, status: finalities[i] ?? 'provisional' }),
    }));
  const { adId: ad_id, sizeMs, hopMs } = asked;
  const described = { ad_id, size: sizeMs / SECOND_MS, hop: hopMs / SECOND_MS };
  if (run === null) return { ...described, points: pointsOf([], []), receipt: notRunReceipt(state) };
  const inTables = plan(run, { ...NO_SEARCH, published }, isRaw);
  const planned = await planWithArchive(context, inTables, rawDays);
  const parts = planned.parts.filter((part) => !isIndexPart(part));
  const grid = gridOf(asked);
  const [counted, late] = await Promise.all([
    Promise.all(parts.map((part) => countPieces(context, asked, part, grid))),
    isLateKept(planned, { incompleteDays: rawDays }) ? countLate(context, asked, planned) : null,
  ]);
  const pieces = new Map<number, number>();
  const counts = { batch: 0, realtime: 0, late };
  for (const [i, part] of parts.entries()) {
    for (const { piece, clicks } of counted[i] ?? []) {
      pieces.set(piece, (pieces.get(piece) ?? 0) + clicks);
      counts[part.kind.startsWith('run_') ? 'batch' : 'realtime'] += clicks;
    }
  }
  const receipt = receiptOf(planned, counts, state);
  return {
    ...described,
    points: pointsOf(sumPieces(asked, pieces), finalitiesOf(asked, published)),
    receipt: notRun === null ? receipt : { ...receipt, status: 'not_run' },
  };
}

const gridOf = (asked: SeriesQuestion) => ({ startMs: asked.fromMs, pieceMs: pieceMs(asked) });

/** Windows without any unknown part. */
async function knownPoints(
  { stores, signal }: QuestionContext,
  asked: SeriesQuestion,
  parts: IndexPart[],
  unknown: Range[],
): Promise<{ from: string; to: string; count: number }[]> {
  const counted = await Promise.all(parts.map((part) => countIndexPieces(stores, asked, part, gridOf(asked), signal)));
  const pieces = new Map<number, number>();
  for (const { piece, clicks } of counted.flat()) pieces.set(piece, (pieces.get(piece) ?? 0) + clicks);
  const sums = sumPieces(asked, pieces);
  return windowsOf(asked).flatMap((window, i) =>
    clipAll(unknown, window).length === 0
      ? [{ from: iso(window.fromMs), to: iso(window.toMs), count: sums[i] ?? 0 }]
      : [],
  );
}
