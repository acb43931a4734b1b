import { GROUPS, TOPICS } from '../domain/names.ts';
import { rows } from '../infra/clients/clickhouse.ts';
import { committedOffsets, endOffsets } from '../infra/clients/kafka.ts';
import { sql } from '../infra/sql.ts';
import { sum } from './arithmetic.ts';
import type { Running } from './process.ts';
import type { Site } from './site.ts';
import type { Phase } from './types.ts';
import { until } from './until.ts';
import { meter } from './usage.ts';

/** What a click is counted into. */
export const TABLES = ['clicks', 'minutes_by_ad', 'minutes_by_minute'];
const COUNTED_SQL = sql('clickhouse/queries/bench_counted.sql');
const BYTES_SQL = sql('clickhouse/queries/bench_bytes.sql');

/** Log files → topic: runs the log monitor until all `lines` of the log are in Kafka. */
export async function fillTopic(site: Site, dataDir: string, log: string, lines: number): Promise<Phase> {
  const ingest = await site.startRole('ingest', dataDir, { LOG_GLOB: log });
  const used = meter({ ingest: ingest.pid, kafka: Number(site.engines.kafka) });
  await untilInTopic(site, ingest, lines);
  const phase = { name: 'ingest', rows: lines, ...used() };
  await ingest.stop();
  return phase;
}

export const untilInTopic = (site: Site, sender: Running, messages: number): Promise<void> =>
  until(`${messages} messages are in the topic`, async () => {
    sender.check();
    return sum((await endOffsets(site.admin, TOPICS.clicks)).values()) >= messages;
  });

/** Topic → ClickHouse, from empty tables, and checks that each was counted once. */
export async function emptyTopic(site: Site, dataDir: string, messages: number): Promise<Phase> {
  const phase = await countTopic(site, dataDir, messages);
  await checkCounted(site, messages);
  return phase;
}

/** Topic → ClickHouse: runs the sink until all `messages` of the topic are committed. */
export async function countTopic(site: Site, dataDir: string, messages: number): Promise<Phase> {
  const realtime = await site.startRole('realtime', dataDir);
  const used = meter({ realtime: realtime.pid, ...site.engines });
  await until('all messages are committed', () => {
    realtime.check();
    return hasCommitted(site, GROUPS.sink, messages);
  });
  const phase = { name: 'sink', rows: messages, ...used() };
  await realtime.stop();
  return phase;
}

export async function hasCommitted({ admin }: Site, group: string, messages: number): Promise<boolean> {
  const committed = await committedOffsets(admin, group, TOPICS.clicks);
  return sum([...committed.values()].map(({ offset }) => offset)) >= messages;
}

/** A benchmark that counts wrongly has measured nothing. */
export async function checkCounted({ clickhouse }: Site, clicks: number): Promise<void> {
  for (const [table, counted] of Object.entries(
    (await rows<Record<string, number>>(clickhouse, COUNTED_SQL))[0] ?? {},
  )) {
    if (counted !== clicks) throw new Error(`${table} counts ${counted} of ${clicks} clicks`);
  }
}

/** Merges what is still to be merged, which would otherwise happen while something else is measured. */
export async function mergeTables({ clickhouse }: Site): Promise<void> {
  for (const table of TABLES) await clickhouse.command({ query: `OPTIMIZE TABLE ads.${table} FINAL` });
}

/** What a click takes in each table once all of it is merged, as facts. */
export async function bytesPerClick(site: Site, clicks: number): Promise<Record<string, number>> {
  await mergeTables(site);
  const found = await rows<{ table: string; bytes: number }>(site.clickhouse, BYTES_SQL, { tables: TABLES });
  return Object.fromEntries(found.map(({ table, bytes }) => [`${table}, bytes a click`, bytes / clicks]));
}

export const messagesPerPartition = async (site: Site): Promise<number[]> => [
  ...(await endOffsets(site.admin, TOPICS.clicks)).values(),
];
