import { join } from 'node:path';
import { openDuck } from '../batch/archive/files/duckdb.ts';
import { type EventKind, PLURAL } from '../domain/event_kinds.ts';
import { minutesName } from '../domain/names.ts';
import { DAY_MS } from '../domain/time.ts';
import { rows } from '../infra/clients/clickhouse.ts';
import { createElasticsearch } from '../infra/clients/elasticsearch.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import type { Config } from '../infra/config.ts';
import { fillHive, hiveDay } from '../infra/hive_statement.ts';
import { archiveDirOf, clickHouseOf, hiveOf } from '../infra/kinds.ts';
import type { Log } from '../infra/log.ts';
import { sql } from '../infra/sql.ts';
import { type Counts, keyOf } from './oracle.ts';

const CLICKHOUSE_SQL = sql('clickhouse/queries/prove_counts.sql');
const PERFORMANCE_SQL = sql('clickhouse/queries/prove_performance.sql');
const ARCHIVE_SQL = sql('duckdb/prove_archive.sql');
const ARCHIVED_TWICE_SQL = sql('duckdb/prove_archived_twice.sql');
const HIVE_SQL = sql('hive/prove_run.sql');
const PAGE = 10_000;

interface Row {
  ad_id: string;
  minute: number | string;
  country: string;
  clicks: number | string;
}

const countsOf = (found: Iterable<Row>): Counts => {
  const counts: Counts = new Map();
  for (const { ad_id, minute, country, clicks } of found) {
    const key = keyOf(ad_id, Number(minute), country);
    counts.set(key, (counts.get(key) ?? 0) + Number(clicks));
  }
  return counts;
};

/**
 * The raw table of a kind, both rollups and the view over them.
 * @param ads prefix of the ad ids
 */
export async function fromClickHouse(
  config: Config,
  { event = 'click', ads = '' }: { event?: EventKind; ads?: string } = {},
): Promise<Map<string, Counts>> {
  const client = clickHouseOf(config, event);
  const found = await rows<Row & { store: string }>(client, CLICKHOUSE_SQL, { ads });
  await client.close();
  const stores = [...new Set(found.map(({ store }) => store))];
  return new Map(stores.map((store) => [store, countsOf(found.filter((row) => row.store === store))]));
}

/** A kind as analysts see it beside the others. */
export async function fromPerformance(config: Config, event: EventKind): Promise<Counts> {
  const client = clickHouseOf(config, 'click');
  const found = await rows<Row & { minute_ms: number; impressions: string; conversions: string }>(
    client,
    PERFORMANCE_SQL,
  );
  await client.close();
  const ofKind = found.map((row) => ({ ...row, minute: row.minute_ms, clicks: row[PLURAL[event]] }));
  return countsOf(ofKind.filter(({ clicks }) => Number(clicks) > 0));
}

/** The Parquet files, read by DuckDB. `twice`: messages that were archived more than once. */
export async function fromArchive(
  config: Config,
  event: EventKind = 'click',
): Promise<{ counts: Counts; twice: number }> {
  const archiveDir = archiveDirOf(config, event);
  const duck = await openDuck(archiveDir, 1_000);
  try {
    const files = join(archiveDir, 'clicks', '*', '*.parquet');
    const read = async (query: string) => (await duck.connection.runAndReadAll(query, { files })).getRowObjects();
    const [twice] = await read(ARCHIVED_TWICE_SQL);
    return { counts: countsOf((await read(ARCHIVE_SQL)) as unknown as Row[]), twice: Number(twice?.messages ?? 0) };
  } finally {
    duck.close();
  }
}

/** The published runs of these days, as a Hive analyst sees them. */
export async function fromHive(config: Config, event: EventKind, days: string[], log: Log): Promise<Counts> {
  const hive = await hiveOf(config, event, log);
  try {
    const found: Row[] = [];
    for (const day of days) {
      // Not as call arguments: a day may have more rows than a call accepts.
      for (const row of await hive.rows<Row>(fillHive(HIVE_SQL, { day: hiveDay(day) }))) found.push(row);
    }
    return countsOf(found);
  } finally {
    await hive.close();
  }
}

/** The documents behind the alias: the run of a published day, the real-time index of the others. */
export async function fromElasticsearch(config: Config, event: EventKind): Promise<Counts> {
  const client = createElasticsearch(engineUrls(config).elasticsearch);
  const found: Row[] = [];
  let search_after: (string | number)[] | undefined;
  do {
    const { hits } = await client.search<Row>({
      index: minutesName(event),
      size: PAGE,
      sort: ['ad_id', 'minute', 'country'],
      ...(search_after && { search_after }),
    });
    for (const { _source } of hits.hits) if (_source) found.push(_source);
    search_after = hits.hits.at(-1)?.sort as (string | number)[] | undefined;
  } while (search_after);
  await client.close();
  return countsOf(found);
}

/** A request for each minute, ad and country would be too many: one per ad, day and country instead. */
export async function fromApi(
  { api }: Config,
  event: EventKind,
  questions: { ad: string; day: string; country: string }[],
) {
  const counts: Counts = new Map();
  for (const { ad, day, country } of questions) {
    const from = Date.parse(`${day}T00:00:00Z`);
    const path = `/v1/ads/${ad}/aggregated_count?from=${from}&to=${from + DAY_MS}&country=${country}&event=${event}`;
    const response = await fetch(`http://${api.host}:${api.port}${path}`);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    counts.set(keyOf(ad, from, country), ((await response.json()) as { count: number }).count);
  }
  return counts;
}
