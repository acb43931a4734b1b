import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { type DuckDBListValue, LIST, listValue, VARCHAR } from '@duckdb/node-api';
import { isByCountryOnly, type Membership } from '../../domain/filter.ts';
import type { RegisteredFilter } from '../../domain/filter_revision.ts';
import { networkBounds } from '../../domain/network_bounds.ts';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import { sql, statements } from '../../infra/sql.ts';
import type { Readable } from '../archive/cold/readable.ts';
import type { DuckDBConnection } from '../archive/duckdb.ts';
import { outputTotals } from './output.ts';
import { type FilterTotals, filterFile, filterFiles, type RunFile } from './run_files.ts';

const SQL = {
  macros: statements(sql('duckdb/rebuild_filter_macros.sql')),
  fromMinutes: sql('duckdb/rebuild_filter_minutes.sql'),
  fromClicks: sql('duckdb/rebuild_filter_clicks.sql'),
};

interface Sources {
  /** Files of the run's minutes, as Hive counted them. */
  minutes: string[];
  /** Files of the archive that the run has read. */
  clicks: Pick<Readable, 'at'>[];
}

/**
 * Makes the rows of filters from the very clicks that a run has counted, into a file of each: by country from the run's
 * minutes; for addresses and users DuckDB reads the archive once more, and keeps of the clicks only those that the
 * filter lets through before it takes each once. May be repeated: it overwrites.
 */
export async function countFilters(
  duck: DuckDBConnection,
  archiveDir: string,
  run: Pick<RunFile, 'day' | 'run' | 'cut'>,
  filters: RegisteredFilter[],
  sources: Sources,
): Promise<FilterTotals[]> {
  const counted: FilterTotals[] = [];
  for (const macro of SQL.macros) await duck.run(macro);
  for (const filter of filters) {
    const path = filterFile(archiveDir, run, filter);
    mkdirSync(dirname(path), { recursive: true });
    rmSync(path, { force: true });
    // Of a day without clicks there are no files, and DuckDB reads none.
    if (sources.minutes.length > 0) await writeRows(duck, filter, run, sources, path);
    const { filterId, revision } = filter;
    counted.push({ filterId, revision, ...(await outputTotals(duck, filterFiles(archiveDir, run, filter))) });
  }
  return counted;
}

async function writeRows(
  duck: DuckDBConnection,
  { filter }: RegisteredFilter,
  { cut }: Pick<RunFile, 'cut'>,
  { minutes, clicks }: Sources,
  path: string,
): Promise<void> {
  const country = valuesOf('country', filter.country);
  if (isByCountryOnly(filter)) {
    await duck.run(SQL.fromMinutes, { path, paths: listValue(minutes), ...country }, typesOf(country));
    return;
  }
  const conditions = {
    ...country,
    ...valuesOf('user_id', filter.user_id),
    any_ip: filter.ip.in === null,
    ...boundsOf('in_ip', filter.ip.in ?? []),
    ...boundsOf('not_ip', filter.ip.not),
  };
  const below = {
    paths: listValue(clicks.map(({ at }) => at)),
    names: listValue(Object.keys(cut)),
    offsets: listValue(Object.values(cut).map(BigInt)),
  };
  await duck.run(SQL.fromClicks, { path, ...below, ...conditions }, typesOf(conditions));
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

/** An empty list does not say by itself what it is a list of. */
function typesOf(conditions: Conditions) {
  const lists = Object.entries(conditions).filter(([, value]) => typeof value !== 'boolean');
  return Object.fromEntries(lists.map(([name]) => [name, LIST(VARCHAR)]));
}

/** Puts on record which filters the run has rows of. Before the run is published, so that whoever sees it sees them. */
export async function recordFilters(
  clickhouse: ClickHouseClient,
  { day: date, run }: Pick<RunFile, 'day' | 'run'>,
  filters: FilterTotals[],
): Promise<void> {
  if (filters.length === 0) return;
  await clickhouse.insert({
    table: 'ads.run_filters',
    values: filters.map(({ filterId: filter_id, ...rest }) => ({ date, run, filter_id, ...rest })),
    format: 'JSONEachRow',
  });
}
