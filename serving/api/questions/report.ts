import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { EVENT_KINDS, type EventKind } from '../../../domain/event_kinds.ts';
import { parsed } from '../../../domain/parse.ts';
import { type Counts, ratesOf } from '../../../domain/rates.ts';
import type { Finality, Receipt } from '../../../domain/receipt.ts';
import { isoIn, UTC, type Zone, zoneOf } from '../../../domain/zone.ts';
import {
  DIMENSIONS,
  type Dimension,
  isName,
  isTime,
  kindsBehind,
  METRICS,
  type Metric,
  metricsOf,
} from '../../planner/report.ts';
import { badParameters, Problem } from '../contract/problem.ts';
import type { QuestionContext } from './context.ts';
import { type KindContexts, together } from './kinds.ts';
import {
  countsStatement,
  type Key,
  planKind,
  type ReportQuestion,
  receiptOfKind,
  unknownBefore,
} from './report_counts.ts';
import type { NamesPlan } from './report_names.ts';
import {
  checkRows,
  keepRows,
  keepSnapshot,
  type PageRow,
  readPage,
  readSnapshot,
  readTotals,
  storedRows,
} from './report_rows.ts';

/** The part of a report's question that may differ between the pages of a snapshot. */
interface Page {
  metrics: Metric[];
  order: Metric | 'key';
  isDescending: boolean;
  limit: number;
  offset: number;
}

type Receipts = Partial<Record<EventKind, Receipt>>;

interface ReportAnswer {
  by: Dimension[];
  metrics: Metric[];
  rows: Record<string, string | number | null>[];
  total: Partial<Record<Metric, number | null>>;
  rows_in_all: number;
  receipts: Receipts;
  status: Finality;
  complete_to: string | null;
  snapshot: string;
}

/** What is kept with the rows of a snapshot. */
const snapshotState = z.object({
  by: z.array(z.enum(DIMENSIONS)),
  metrics: z.array(z.enum(METRICS)),
  kinds: z.array(z.enum(EVENT_KINDS)),
  tz: z.string(),
  /** The parameters of the question, as they were sent. */
  asked: z.record(z.string(), z.string()),
  /** Whose ads were counted; null: all. */
  adPrefixes: z.array(z.string()).nullable(),
  since_s: z.object({ impression: z.int(), click: z.int(), conversion: z.int() }),
  receipts: z.custom<Receipts>((value) => typeof value === 'object'),
});
type SnapshotState = z.infer<typeof snapshotState>;

/** The parameters, as sent, that decide over the rows. */
type Asked = Record<string, string>;

/** Counts a report, keeps its rows, and gives a page of them. */
export async function newReport(
  contexts: KindContexts,
  context: QuestionContext,
  question: ReportQuestion,
  { keys, names, zone, page, asked }: { keys: Key[]; names: NamesPlan | null; zone: Zone; page: Page; asked: Asked },
): Promise<ReportAnswer> {
  const { signal } = context;
  const kinds = kindsOf(page);
  const plans = await Promise.all(
    kinds.map((event) => planKind(event, contexts.get(event) as QuestionContext, question)),
  );
  const snapshot = randomUUID();
  const rows = await keepRows(context, snapshot, countsStatement(plans, question, keys, names), signal, names !== null);
  const totals = await readTotals(context, rows, page.metrics, signal);
  checkRows(totals.rowsInAll);
  const receipts: Receipts = {};
  for (const plan of plans) {
    receipts[plan.event] = await receiptOfKind(plan, plan.event, question, totals[plan.event]);
  }
  const state: SnapshotState = {
    by: keys.map(({ dimension }) => dimension),
    metrics: page.metrics,
    kinds,
    tz: zone.name,
    asked,
    adPrefixes: question.adPrefixes === undefined ? null : [...question.adPrefixes],
    since_s: unknownBefore(plans, keys),
    receipts,
  };
  const [answer] = await Promise.all([
    pageOf(context, snapshot, state, page, totals),
    keepSnapshot(context, snapshot, JSON.stringify(state)),
  ]);
  return answer;
}

/** Another page of a report that was counted before. Throws a Problem if it is gone, or was about something else. */
export async function reportOfSnapshot(
  context: QuestionContext,
  snapshot: string,
  {
    asked,
    page,
    adPrefixes,
  }: { asked: Asked; page: Omit<Page, 'metrics' | 'order'> & Partial<Page>; adPrefixes: string[] | null },
): Promise<ReportAnswer> {
  const text = await readSnapshot(context, snapshot, context.signal);
  const state = text === null ? null : parsed(snapshotState, JSON.parse(text), `snapshot ${snapshot}`);
  if (state === null || JSON.stringify(state.adPrefixes) !== JSON.stringify(adPrefixes)) throw gone(snapshot);
  for (const [parameter, got] of Object.entries(asked)) {
    const was = state.asked[parameter];
    if (was === got) continue;
    const expected = `${was === undefined ? 'nothing' : `"${was}"`}, as in the question of the snapshot`;
    throw badParameters([{ parameter, expected, got }]);
  }
  const metrics = page.metrics ?? state.metrics;
  const order = page.order ?? metrics[0] ?? 'key';
  const unknown = kindsOf({ metrics, order }).filter((event) => !state.kinds.includes(event));
  if (unknown.length > 0) {
    const expected = `metrics that the snapshot has counted: ${metricsOf(state.kinds).join(', ')}`;
    throw badParameters([{ parameter: page.metrics === undefined ? 'order' : 'metrics', expected }]);
  }
  return pageOf(context, snapshot, state, { ...page, metrics, order });
}

/** The kinds that a page needs the counts of. */
const kindsOf = ({ metrics, order }: Pick<Page, 'metrics' | 'order'>): EventKind[] =>
  kindsBehind(order === 'key' ? metrics : [...metrics, order]);

const gone = (snapshot: string): Problem =>
  new Problem(
    410,
    'snapshot-gone',
    'The snapshot is gone',
    `snapshot ${snapshot} is kept for an hour: ask again without it`,
  );

async function pageOf(
  context: QuestionContext,
  snapshot: string,
  state: SnapshotState,
  page: Page,
  known?: Awaited<ReturnType<typeof readTotals>>,
): Promise<ReportAnswer> {
  const { signal } = context;
  const { by, since_s: sinceS, receipts } = state;
  const { metrics } = page;
  const source = storedRows(snapshot);
  const times: [boolean, boolean] = [isTime(by[0]), isTime(by[1])];
  const isNull: [boolean, boolean] = [isName(by[0]), isName(by[1])];
  const [totals, rows] = await Promise.all([
    known ?? readTotals(context, source, metrics, signal),
    by.length === 0 ? [] : readPage(context, source, { ...page, times, isNull, sinceS, only: null }, signal),
  ]);
  const totalOf = (event: EventKind): number | null =>
    sinceS[event] > 0 ? null : totals[event].batch + totals[event].realtime;
  const total = {
    impressions: totalOf('impression'),
    clicks: totalOf('click'),
    conversions: totalOf('conversion'),
  };
  const zone = zoneOf(state.tz) ?? UTC;
  return {
    by,
    metrics,
    rows: rows.map((row) => ({ ...keysOf(row, by, zone), ...valuesOf(row, metrics) })),
    total: valuesOf(total, metrics),
    rows_in_all: by.length === 0 ? 0 : totals.rowsInAll,
    receipts,
    ...together(Object.values(receipts)),
    snapshot,
  };
}

/** The name of a key in rows. */
export const keyName = (dimension: Dimension): string => (dimension === 'ad' ? 'ad_id' : dimension);

function keysOf({ key1, key2 }: PageRow, by: Dimension[], zone: Zone): Record<string, string | null> {
  const texts = [key1, key2];
  return Object.fromEntries(
    by.map((dimension, i) => {
      const text = texts[i] ?? '';
      // Ads without such a name have an empty key.
      if (isName(dimension)) return [dimension, text === '' ? null : text];
      return [keyName(dimension), isTime(dimension) ? isoIn(zone, Number(text) * 1_000) : text];
    }),
  );
}

function valuesOf(counts: Counts, metrics: Metric[]): Partial<Record<Metric, number | null>> {
  const all = { ...counts, ...ratesOf(counts) };
  return Object.fromEntries(metrics.map((metric) => [metric, all[metric]]));
}
