import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBListValue, LIST, listValue, VARCHAR } from '@duckdb/node-api';
import { networkBounds } from '../../domain/address/network_bounds.ts';
import type { Cut } from '../../domain/cut.ts';
import { type Filter, isAny, isByCountryOnly, type Membership } from '../../domain/filters/filter.ts';
import type { RegisteredFilter } from '../../domain/filters/filter_revision.ts';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import { sql, statements } from '../../infra/sql.ts';
import type { Readable } from '../archive/cold/readable.ts';
import type { DuckDBConnection } from '../archive/files/duckdb.ts';
import { type FilterTotals, filterFolder, type RunFile } from '../run/run_files.ts';
import { outputFiles, outputTotals } from './output.ts';
import { type Slice, slicesOf } from './slices.ts';

const SQL = {
  macros: statements(sql('duckdb/rebuild_filter_macros.sql')),
  fromMinutes: sql('duckdb/rebuild_filter_minutes.sql'),
  minuteRows: sql('duckdb/rebuild_minute_rows.sql'),
  table: sql('duckdb/rebuild_filter_table.sql'),
  fromClicks: sql('duckdb/rebuild_filter_clicks.sql'),
  write: sql('duckdb/rebuild_filter_write.sql'),
};

/** Rows that DuckDB processes at a time, which bounds its memory whatever the day and the filter. */
const MOST_ROWS = 50_000;

interface Sources {
  /** Files of the run's minutes, as counted by Hive. */
  minutes: string[];
  /** Files of the archive that the run has read. */
  clicks: Pick<Readable, 'at'>[];
}

/**
 * Computes the rows of filters from exactly the clicks that a run has counted: by country from the run's minutes; for
 * addresses and users DuckDB reads the archive once more. Idempotent: it starts over.
 * @param mostRows rows processed at a time
 */
export async function countFilters(
  duck: DuckDBConnection,
  archiveDir: string,
  run: Pick<RunFile, 'day' | 'run' | 'cut'>,
  filters: RegisteredFilter[],
  sources: Sources,
  mostRows = MOST_ROWS,
): Promise<FilterTotals[]> {
  const slices = filters.every(({ filter }) => isByCountryOnly(filter)) ? [] : await slicesIn(duck, sources, mostRows);
  for (const macro of SQL.macros) await duck.run(macro);
  const counted: FilterTotals[] = [];
  for (const { filter, filterId, revision } of filters) {
    const folder = filterFolder(archiveDir, run, { filterId, revision });
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    // A day without clicks has no files, which DuckDB could not read.
    if (sources.minutes.length > 0) {
      if (isByCountryOnly(filter)) await writeFromMinutes(duck, filter, sources, folder);
      else await writeFromClicks(duck, filter, run.cut, sources, slices, folder, mostRows);
    }
    counted.push({ filterId, revision, ...(await outputTotals(duck, outputFiles(folder))) });
  }
  return counted;
}

async function slicesIn(duck: DuckDBConnection, { clicks }: Sources, mostRows: number): Promise<Slice[]> {
  return clicks.length === 0 ? [] : slicesOf(await minuteRows(duck, clicks), mostRows);
}

/** Number of rows of each minute in some files of the archive, also at or after a cut. */
export async function minuteRows(duck: DuckDBConnection, files: Pick<Readable, 'at'>[]) {
  const answer = await duck.runAndReadAll(SQL.minuteRows, { paths: pathsOf(files) });
  return answer.getRowObjects().map(({ click_minute, clicks: rows }) => {
    return { minuteMs: Number(click_minute), rows: Number(rows) };
  });
}

async function writeFromMinutes(
  duck: DuckDBConnection,
  filter: Filter,
  { minutes }: Sources,
  folder: string,
): Promise<void> {
  const country = valuesOf('country', filter.country);
  const values = { path: join(folder, '0.parquet'), paths: listValue(minutes), ...country };
  await duck.run(SQL.fromMinutes, values, typesOf(country));
}

async function writeFromClicks(
  duck: DuckDBConnection,
  filter: Filter,
  cut: Cut,
  { clicks }: Sources,
  slices: Slice[],
  folder: string,
  mostRows: number,
): Promise<void> {
  const conditions = {
    ...valuesOf('country', filter.country),
    ...valuesOf('user_id', filter.user_id),
    every_ip: isAny(filter.ip),
    any_ip: filter.ip.in === null,
    ...boundsOf('in_ip', filter.ip.in ?? []),
    ...boundsOf('not_ip', filter.ip.not),
  };
  const below = {
    paths: pathsOf(clicks),
    names: listValue(Object.keys(cut)),
    offsets: listValue(Object.values(cut).map(BigInt)),
  };
  let [rows, files] = [0, 0];
  const write = async (): Promise<void> => {
    if (rows > 0) await duck.run(SQL.write, { path: join(folder, `${files++}.parquet`) });
    await duck.run(SQL.table);
    rows = 0;
  };
  await write();
  for (const slice of slices) {
    for (let piece = 0; piece < slice.pieces; piece++) {
      const { rowsChanged } = await duck.run(sliced(slice, piece), { ...below, ...conditions }, typesOf(conditions));
      rows += rowsChanged;
    }
    if (rows >= mostRows) await write();
  }
  await write();
}

const pathsOf = (files: Pick<Readable, 'at'>[]): DuckDBListValue => listValue(files.map(({ at }) => at));

function sliced({ fromMs, toMs, pieces }: Slice, piece: number): string {
  const numbers: Record<string, number> = { from: fromMs, to: toMs, pieces, piece };
  return SQL.fromClicks.replace(/\{(from|to|pieces|piece)\}/g, (_, name: string) => String(numbers[name]));
}

type Conditions = Record<string, boolean | DuckDBListValue>;

const valuesOf = (name: string, membership: Membership): Conditions => ({
  [`any_${name}`]: membership.in === null,
  [`in_${name}`]: listValue(membership.in ?? []),
  [`not_${name}`]: listValue(membership.not),
});

function boundsOf(name: string, networks: string[]): Conditions {
  const bounds = networks.map(networkBounds);
  return {
    [`${name}_first`]: listValue(bounds.map(({ first }) => first)),
    [`${name}_last`]: listValue(bounds.map(({ last }) => last)),
  };
}

/** The element type of an empty list cannot be inferred. */
function typesOf(conditions: Conditions) {
  const lists = Object.entries(conditions).filter(([, value]) => typeof value !== 'boolean');
  return Object.fromEntries(lists.map(([name]) => [name, LIST(VARCHAR)]));
}

/** Records which filters the run has rows for. Before the run is published, so that they are visible with it. */
export async function recordFilters(
  clickhouse: ClickHouseClient,
  { day: date, run }: Pick<RunFile, 'day' | 'run'>,
  filters: FilterTotals[],
): Promise<void> {
  if (filters.length === 0) return;
  await clickhouse.insert({
    table: 'run_filters',
    values: filters.map(({ filterId: filter_id, ...rest }) => ({ date, run, filter_id, ...rest })),
    format: 'JSONEachRow',
  });
}
