import { type EventKind, PLURAL } from '../../../domain/event_kinds.ts';
import { ratesOf } from '../../../domain/rates.ts';
import type { Receipt } from '../../../domain/receipt.ts';
import { iso, MINUTE_MS } from '../../../domain/time.ts';
import type { Metric } from '../../planner/report.ts';
import type { QuestionContext } from './context.ts';
import { type KindContexts, ofEachKind } from './kinds.ts';
import { countsStatement, planKind, type ReportQuestion, receiptOfKind, unknownBefore } from './report_counts.ts';
import { readPage } from './report_rows.ts';

interface Ordered {
  event: EventKind;
  order: Metric;
  limit: number;
  minImpressions: number;
  minClicks: number;
}

/** The first ads of whole minutes by any metric, exact, with all counts. The counts in receipts are those of the listed ads. */
export async function orderedAds(
  contexts: KindContexts,
  context: QuestionContext,
  question: ReportQuestion,
  { event, order, limit, minImpressions, minClicks }: Ordered,
) {
  const plans = await Promise.all([...contexts].map(([kind, context]) => planKind(kind, context, question)));
  const keys = [{ dimension: 'ad' as const, time: null }];
  const rows = await readPage(
    context,
    countsStatement(plans, question, keys),
    {
      metrics: ['impressions', 'clicks', 'conversions'],
      order,
      isDescending: true,
      limit,
      offset: 0,
      times: [false, false],
      isNull: [false, false],
      sinceS: unknownBefore(plans, keys),
      only: { minImpressions, minClicks },
    },
    context.signal,
  );
  const ads = rows.map(({ key1: ad_id, impressions, clicks, conversions }) => {
    const counts = { impressions, clicks, conversions };
    return { ad_id, count: counts[PLURAL[event]], ...counts, ...ratesOf(counts) };
  });
  const receiptOf = (kind: EventKind): Promise<Receipt> => {
    const sum = (side: 'run' | 'realtime') => rows.reduce((sum, row) => sum + row[`${PLURAL[kind]}_${side}`], 0);
    const plan = plans.find((one) => one.event === kind);
    return receiptOfKind(plan, kind, question, { batch: sum('run'), realtime: sum('realtime') });
  };
  const [click, impression, conversion] = await ofEachKind(receiptOf);
  const receipts = { click, impression, conversion };
  return {
    ad_ids: ads.map(({ ad_id }) => ad_id),
    ads,
    window: (question.toMs - question.fromMs) / MINUTE_MS,
    update_time_minute: iso(question.toMs),
    receipt: receipts[event],
    receipts,
  };
}
