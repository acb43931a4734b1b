import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { openDuck } from '../../batch/archive/files/duckdb.ts';
import { minuteOf } from '../../domain/time.ts';
import { type ClickHouseClient, rows } from '../../infra/clients/clickhouse.ts';

/** Undoes a deliberate corruption. */
export type Undo = () => Promise<void>;

export const change = (clickhouse: ClickHouseClient, query: string) =>
  clickhouse.command({ query, clickhouse_settings: { mutations_sync: '1' } });

/**
 * Removes rows from a table, and returns the function that restores them. (Attaching them bypasses the views that an
 * insert would fill again.)
 */
export async function remove(clickhouse: ClickHouseClient, table: string, where: string): Promise<Undo> {
  const kept = `ads.kept_${randomUUID().slice(0, 8)}`;
  await change(clickhouse, `CREATE TABLE ${kept} AS ${table}`);
  await change(clickhouse, `INSERT INTO ${kept} SELECT * FROM ${table} WHERE ${where}`);
  const [row] = await rows<{ n: number }>(clickhouse, `SELECT count() AS n FROM ${kept}`);
  if (!row?.n) throw new Error(`${table} has no row where ${where}`);
  await change(clickhouse, `ALTER TABLE ${table} DELETE WHERE ${where}`);
  return async () => {
    const partitions = await rows<{ id: string }>(clickhouse, `SELECT DISTINCT _partition_id AS id FROM ${kept}`);
    for (const { id } of partitions)
      await change(clickhouse, `ALTER TABLE ${table} ATTACH PARTITION ID '${id}' FROM ${kept}`);
    await change(clickhouse, `DROP TABLE ${kept}`);
  };
}

/** Loses a click in real time: its raw row, and its ad's minute. */
export async function loseClick(
  clickhouse: ClickHouseClient,
  { event_id, ad_id, ms }: { event_id: string; ad_id: string; ms: number },
): Promise<Undo> {
  const minute = `ad_id = '${ad_id}' AND click_minute = toDateTime(${minuteOf(ms) / 1_000}, 'UTC')`;
  const undone = [
    await remove(clickhouse, 'ads.clicks', `event_id = '${event_id}'`),
    await remove(clickhouse, 'ads.minutes_by_ad', minute),
    await remove(clickhouse, 'ads.minutes_by_minute', minute),
  ];
  return async () => {
    for (const undo of undone) await undo();
  };
}

/** Removes whatever is counted of the ads in real time, so that later tests find balanced counts. */
export async function forgetAds(clickhouse: ClickHouseClient, prefix: string): Promise<void> {
  for (const table of ['clicks', 'copies_dropped', 'clicks_from_future', 'minutes_by_ad', 'minutes_by_minute']) {
    await change(clickhouse, `ALTER TABLE ads.${table} DELETE WHERE startsWith(ad_id, '${prefix}')`);
  }
}

/** A condition that selects one row by its position in a topic. */
export async function anyPlace(clickhouse: ClickHouseClient, topic: string, table: string): Promise<string> {
  const [row] = await rows<{ p: string; o: number }>(
    clickhouse,
    `SELECT topic_partition AS p, topic_offset AS o FROM ${table} WHERE startsWith(topic_partition, '${topic}') ORDER BY p, o LIMIT 1`,
  );
  return `topic_partition = '${row?.p}' AND topic_offset = ${row?.o}`;
}

/** A condition that selects one minute of an ad whose name begins with the topic's. */
export async function anyMinute(clickhouse: ClickHouseClient, topic: string, table: string): Promise<string> {
  const [row] = await rows<{ ad: string; minute: number; country: string }>(
    clickhouse,
    `SELECT ad_id AS ad, toUnixTimestamp(click_minute) AS minute, country FROM ${table} WHERE startsWith(ad_id, '${topic}') LIMIT 1`,
  );
  return `ad_id = '${row?.ad}' AND click_minute = toDateTime(${row?.minute}, 'UTC') AND country = '${row?.country}'`;
}

/** Rewrites a file, and returns the function that undoes it. */
export function rewrite(path: string, to: (text: string) => string): Undo {
  const whole = readFileSync(path);
  writeFileSync(path, to(whole.toString()));
  return async () => writeFileSync(path, whole);
}

/** Replaces a Parquet file by one without the first row. */
export async function withoutOneRow(archiveDir: string, path: string): Promise<Undo> {
  const aside = `${path}.whole`;
  renameSync(path, aside);
  const duck = await openDuck(archiveDir, 64);
  await duck.connection.run(
    `COPY (FROM read_parquet('${aside}') OFFSET 1) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`,
  );
  duck.close();
  return async () => renameSync(aside, path);
}
