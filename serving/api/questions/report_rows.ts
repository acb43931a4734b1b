import { z } from 'zod';
import { type EventKind, PLURAL } from '../../../domain/event_kinds.ts';
import { count } from '../../../domain/fields.ts';
import { limited } from '../../../infra/limited.ts';
import { sql } from '../../../infra/sql.ts';
import { kindsBehind, type Metric } from '../../planner/report.ts';
import { EngineFailure } from '../contract/engine_failure.ts';
import { Problem } from '../contract/problem.ts';
import { ENGINE_LIMIT_MS, engineCall, queryRowsOf, type Stores, withinMemory } from '../stores/engines.ts';

const INSERT = sql('clickhouse/report/insert_rows.sql');
const STORED = sql('clickhouse/report/stored_rows.sql');
const PAGE = sql('clickhouse/report/page.sql');
const TOTALS = sql('clickhouse/report/totals.sql');
const READ_SNAPSHOT = sql('clickhouse/report/read_snapshot.sql');

type Tables = Pick<Stores, 'clickhouse'>;

/** A query that gives the rows of a report, with what is bound to it. */
interface RowsSource {
  query: string;
  params: Record<string, unknown>;
}

/** Rows that are counted or kept at once. */
const MAX_ROWS = 5_000_000;
const SETTINGS = { max_rows_to_group_by: String(MAX_ROWS) };
/** By names, ads are counted each for itself before they become few rows. */
const SETTINGS_BY_NAMES = { max_rows_to_group_by: String(4 * MAX_ROWS) };
const TOO_MANY_ROWS = '158';

/** Counts the rows and keeps them under a snapshot. Throws a Problem if there are too many. */
export async function keepRows(
  { clickhouse }: Tables,
  snapshot: string,
  { query, params }: RowsSource,
  signal: AbortSignal,
  isByNames = false,
): Promise<RowsSource> {
  // Parameters of a command go into the URL, of which ClickHouse takes a MiB: groups of runs, and bounds, stay far below.
  const insert = (abort_signal: AbortSignal): Promise<unknown> =>
    clickhouse.command({
      query: INSERT.replace('{counts}', () => query),
      query_params: { ...params, snapshot },
      abort_signal,
      clickhouse_settings: {
        ...(isByNames ? SETTINGS_BY_NAMES : SETTINGS),
        max_execution_time: ENGINE_LIMIT_MS / 1_000,
      },
    });
  await refuseTooMany(withinMemory(engineCall('clickhouse', limited(signal, ENGINE_LIMIT_MS, insert))));
  return storedRows(snapshot);
}

export const storedRows = (snapshot: string): RowsSource => ({ query: STORED, params: { snapshot } });

async function refuseTooMany<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const cause = error instanceof EngineFailure ? (error.cause as { code?: unknown } | null) : null;
    if (cause?.code !== TOO_MANY_ROWS) throw error;
    throw tooMany();
  }
}

const tooMany = (): Problem => {
  const detail = `a report has at most ${MAX_ROWS} rows: ask for a shorter range, or by less`;
  return new Problem(400, 'too-many-rows', 'The report would have too many rows', detail);
};

/** Throws a Problem if so many rows were kept, which by names is known only then. */
export function checkRows(rows: number): void {
  if (rows > MAX_ROWS) throw tooMany();
}

/** What the page of a report needs to know of it. */
interface PageAsked {
  /** Metrics whose counts make a row exist. */
  metrics: readonly Metric[];
  order: Metric | 'key';
  isDescending: boolean;
  limit: number;
  offset: number;
  /** Which keys are times. */
  times: [boolean, boolean];
  /** Which keys are empty for null, which is last in any order. */
  isNull: [boolean, boolean];
  /** Seconds before which the counts of a kind are not known. */
  sinceS: Record<EventKind, number>;
  /** Leave out rows without the metric of the order, or with less than this. */
  only: { minImpressions: number; minClicks: number } | null;
}

const countOrNull = count.nullable();
const pageRow = z.object({
  key1: z.string(),
  key2: z.string(),
  impressions_run: count,
  impressions_realtime: count,
  clicks_run: count,
  clicks_realtime: count,
  conversions_run: count,
  conversions_realtime: count,
  impressions: countOrNull,
  clicks: countOrNull,
  conversions: countOrNull,
});
export type PageRow = z.infer<typeof pageRow>;

/** A row exists if one of these counts is above 0. */
function flagsOf(metrics: readonly Metric[]) {
  const kinds = kindsBehind(metrics);
  return {
    of_impressions: kinds.includes('impression'),
    of_clicks: kinds.includes('click'),
    of_conversions: kinds.includes('conversion'),
  };
}

export function readPage(
  stores: Tables,
  { query, params }: RowsSource,
  asked: PageAsked,
  signal: AbortSignal,
): Promise<PageRow[]> {
  const { order, only, isDescending, sinceS, times, isNull } = asked;
  const direction = isDescending ? 'DESC' : 'ASC';
  const isRate = order === 'ctr' || order === 'cvr';
  const text = PAGE.replace('{is_ordered}', order === 'key' ? 'true' : `${order} ${isRate ? 'IS NOT NULL' : '> 0'}`)
    .replace('{order} {direction}', `${order === 'key' ? '{key1}' : order} ${direction}`)
    .replaceAll('{key1}', isNull[0] ? "nullIf(key1, '')" : 'key1')
    .replaceAll('{key2}', isNull[1] ? "nullIf(key2, '')" : 'key2')
    .replaceAll('{ties}', order === 'key' ? direction : 'ASC')
    .replace('{rows}', () => query);
  const [time1, time2] = times;
  const bound = {
    ...params,
    ...flagsOf(asked.metrics),
    time1,
    time2,
    impressions_since_s: sinceS.impression,
    clicks_since_s: sinceS.click,
    conversions_since_s: sinceS.conversion,
    only_ordered: only !== null,
    min_impressions: only?.minImpressions ?? 0,
    min_clicks: only?.minClicks ?? 0,
    limit: asked.limit,
    offset: asked.offset,
  };
  return refuseTooMany(queryRowsOf(stores, pageRow, text, bound, signal, SETTINGS));
}

const totals = z.object({
  rows_in_all: count,
  impressions_of_runs: count,
  impressions_of_realtime: count,
  clicks_of_runs: count,
  clicks_of_realtime: count,
  conversions_of_runs: count,
  conversions_of_realtime: count,
});

/** How many rows there are, and what they count together: of runs and of real time. */
export async function readTotals(
  stores: Tables,
  { query, params }: RowsSource,
  metrics: readonly Metric[],
  signal: AbortSignal,
) {
  const text = TOTALS.replace('{rows}', () => query);
  const [row] = await queryRowsOf(stores, totals, text, { ...params, ...flagsOf(metrics) }, signal);
  if (row === undefined) throw new Error('a query of sums has no row');
  const side = (name: (typeof PLURAL)[keyof typeof PLURAL]) => ({
    batch: row[`${name}_of_runs`],
    realtime: row[`${name}_of_realtime`],
  });
  return {
    rowsInAll: row.rows_in_all,
    impression: side(PLURAL.impression),
    click: side(PLURAL.click),
    conversion: side(PLURAL.conversion),
  };
}

const storedState = z.object({ state: z.string() });

/** What was kept with the rows of a snapshot. Null: it is not there, or too old for its rows to be. */
export async function readSnapshot(stores: Tables, snapshot: string, signal: AbortSignal): Promise<string | null> {
  const [row] = await queryRowsOf(stores, storedState, READ_SNAPSHOT, { snapshot }, signal);
  return row?.state ?? null;
}

/** Written last: from then on the rows are believed to be whole. */
export const keepSnapshot = ({ clickhouse }: Tables, snapshot: string, state: string): Promise<unknown> =>
  engineCall(
    'clickhouse',
    clickhouse.insert({
      table: 'ads.report_snapshots',
      values: [{ snapshot, state }],
      columns: ['snapshot', 'state'],
      format: 'JSONEachRow',
    }),
  );
