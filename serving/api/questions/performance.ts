import type { EventKind } from '../../../domain/event_kinds.ts';
import { ratesOf } from '../../../domain/rates.ts';
import type { AdQuestion } from '../../planner/question.ts';
import { aggregatedCount, type CountAnswer } from './aggregated_count.ts';
import { countAsOf } from './as_of_count.ts';
import { type KindContexts, neverRunReceipt, ofEachKind, together } from './kinds.ts';

type KindCount = Pick<CountAnswer, 'count' | 'receipt'>;

/** The counts of all kinds for an ad, each with its receipt, and the rates of these very counts. */
export async function adPerformance(contexts: KindContexts, question: AdQuestion) {
  const [clicks, impressions, conversions] = await ofEachKind((event) => countOf(contexts, question, event));
  const counts = { impressions: impressions.count, clicks: clicks.count, conversions: conversions.count };
  return {
    ad_id: question.adId,
    impressions,
    clicks,
    conversions,
    ...ratesOf(counts),
    ...together([impressions, clicks, conversions].map(({ receipt }) => receipt)),
  };
}

async function countOf(contexts: KindContexts, question: AdQuestion, event: EventKind): Promise<KindCount> {
  const context = contexts.get(event);
  if (context === undefined) return { count: null, receipt: neverRunReceipt(event, question) };
  const { asOfMs } = question;
  const { count, receipt } =
    asOfMs === null ? await aggregatedCount(context, question) : await countAsOf(context, { ...question, asOfMs });
  return { count, receipt };
}
