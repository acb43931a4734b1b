import { type Counts, type Rates, ratesOf } from '../../../domain/rates.ts';
import { type Finality, type Receipt, worstOf } from '../../../domain/receipt.ts';
import { iso } from '../../../domain/time.ts';
import { isLateKept } from '../../planner/as_of.ts';
import { splitAtFirstRun } from '../../planner/not_run.ts';
import { isRawQuestion, plan } from '../../planner/plan.ts';
import { type AdQuestion, NO_SEARCH } from '../../planner/question.ts';
import { clipAll, type Range } from '../../planner/ranges.ts';
import { finalitiesOf, type Windowing } from '../../planner/series.ts';
import { countIndexPieces, type IndexPart, isIndexPart } from '../stores/search.ts';
import type { QuestionContext } from './context.ts';
import { countLate, countPieces } from './count.ts';
import { planWithArchive } from './expired.ts';
import { answerQuestion, type Facts } from './frame.ts';
import { type KindContexts, neverRunReceipt, ofEachKind, together } from './kinds.ts';
import { partialAnswerWithoutLedger } from './partial_answer.ts';
import { notRunReceipt, receiptOf } from './receipt.ts';

interface Point {
  from: string;
  to: string;
  /** null: the window has days before the kind was first run. */
  count: number | null;
  status: Finality;
}

interface SeriesAnswer {
  points: Point[];
  receipt: Receipt;
}

/**
 * All windows from one read of the ledger and from ClickHouse (and Hive, where rows have expired), with the same parts
 * as a count.
 */
export function adSeries(context: QuestionContext, question: AdQuestion, windowing: Windowing): Promise<SeriesAnswer> {
  const isRaw = isRawQuestion(question) || !windowing.isOfMinutes;
  return answerQuestion(context, question, {
    count: (facts) => countSeries(context, question, windowing, isRaw, facts),
    known: (failure, state) =>
      partialAnswerWithoutLedger(context, question, { state, isRaw }, failure, async (parts, unknown) => ({
        points: await knownPoints(context, question, windowing, parts, unknown),
      })),
  });
}

async function countSeries(
  context: QuestionContext,
  asked: AdQuestion,
  { windows, grid, sums }: Windowing,
  isRaw: boolean,
  { published, rawDays, state }: Facts,
): Promise<SeriesAnswer> {
  const { notRun, run } = splitAtFirstRun(asked, context.stores.firstRunMs);
  const pointsOf = (counts: number[], finalities: Finality[]): Point[] =>
    windows.map(({ fromMs, toMs }, i) => ({
      from: iso(fromMs),
      to: iso(toMs),
      ...(notRun !== null && fromMs < notRun.toMs
        ? { count: null, status: 'not_run' }
        : { count: counts[i] ?? 0, status: finalities[i] ?? 'provisional' }),
    }));
  if (run === null) return { points: pointsOf([], []), receipt: notRunReceipt(state) };
  const inTables = plan(run, { ...NO_SEARCH, published }, isRaw);
  const planned = await planWithArchive(context, inTables, rawDays);
  const parts = planned.parts.filter((part) => !isIndexPart(part));
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
    points: pointsOf(sums(pieces), finalitiesOf(windows, published)),
    receipt: notRun === null ? receipt : { ...receipt, status: 'not_run' },
  };
}

/** Windows without any unknown part. */
async function knownPoints(
  { stores, signal }: QuestionContext,
  asked: AdQuestion,
  { windows, grid, sums }: Windowing,
  parts: IndexPart[],
  unknown: Range[],
): Promise<{ from: string; to: string; count: number }[]> {
  const counted = await Promise.all(parts.map((part) => countIndexPieces(stores, asked, part, grid, signal)));
  const pieces = new Map<number, number>();
  for (const { piece, clicks } of counted.flat()) pieces.set(piece, (pieces.get(piece) ?? 0) + clicks);
  const counts = sums(pieces);
  return windows.flatMap((window, i) =>
    clipAll(unknown, window).length === 0
      ? [{ from: iso(window.fromMs), to: iso(window.toMs), count: counts[i] ?? 0 }]
      : [],
  );
}

type PerformancePoint = Omit<Point, 'count'> & Counts & Rates;

/** The counts of all kinds in each window, and their rates. */
export async function performanceSeries(contexts: KindContexts, question: AdQuestion, windowing: Windowing) {
  const none = windowing.windows.map(() => ({ count: null, status: 'not_run' as const }));
  const [clicks, impressions, conversions] = await ofEachKind(async (event) => {
    const context = contexts.get(event);
    if (context === undefined) return { points: none, receipt: neverRunReceipt(event, question) };
    return adSeries(context, question, windowing);
  });
  const points = windowing.windows.map(({ fromMs, toMs }, i): PerformancePoint => {
    const ofWindow = [impressions, clicks, conversions].map(({ points }) => points[i] ?? NO_POINT);
    const [ofImpressions, ofClicks, ofConversions] = ofWindow.map(({ count }) => count);
    const counts = {
      impressions: ofImpressions ?? null,
      clicks: ofClicks ?? null,
      conversions: ofConversions ?? null,
    };
    const status = worstOf(ofWindow.map(({ status }) => status));
    return { from: iso(fromMs), to: iso(toMs), ...counts, ...ratesOf(counts), status };
  });
  const receipts = { click: clicks.receipt, impression: impressions.receipt, conversion: conversions.receipt };
  return { points, receipts, ...together(Object.values(receipts)) };
}

const NO_POINT = { count: null, status: 'not_run' } as const;
