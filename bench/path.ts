import { PLURAL } from '../domain/event_kinds.ts';
import { groupsOf } from '../domain/names.ts';
import { rows } from '../infra/clients/clickhouse.ts';
import { committedOffsets, endOffsets } from '../infra/clients/kafka.ts';
import { sql } from '../infra/sql.ts';
import { sum } from './arithmetic.ts';
import type { Running } from './process.ts';
import type { BenchSite } from './site.ts';
import type { Metered, Phase } from './types.ts';
import { until } from './until.ts';
import { meter } from './usage.ts';

/** The tables that a click is counted into. */
export const TABLES = ['clicks', 'minutes_by_ad', 'minutes_by_minute'];
const COUNTED_SQL = sql('clickhouse/queries/bench_counted.sql');
const BYTES_SQL = sql('clickhouse/queries/bench_bytes.sql');

/** Log files → topic: runs the log monitor until all `lines` of the log are in Kafka. */
export async function fillTopic(site: BenchSite, dataDir: string, log: string, lines: number): Promise<Phase> {
  const ingest = await site.startRole('ingest', dataDir, { LOG_GLOB: log });
  const used = meter({ ingest: ingest.pid, kafka: Number(site.engines.kafka) });
  await untilInTopic(site, ingest, lines);
  const phase = { name: 'ingest', rows: lines, ...used() };
  await ingest.stop();
  return phase;
}

export const untilInTopic = (site: BenchSite, sender: Running, messages: number): Promise<void> =>
  until(`${messages} messages are in the topic`, async () => {
    sender.check();
    return sum((await endOffsets(site.admin, PLURAL.click)).values()) >= messages;
  });

/** Topic → ClickHouse, from empty tables; checks that each click was counted once. */
export async function emptyTopic(site: BenchSite, dataDir: string, messages: number): Promise<Phase> {
  const phase = await countTopic(site, dataDir, messages);
  await checkCounted(site, messages);
  return phase;
}

/** Topic → ClickHouse: runs the sink until all `messages` of the topic are committed. */
export async function countTopic(site: BenchSite, dataDir: string, messages: number): Promise<Phase> {
  const realtime = await site.startRole('realtime', dataDir);
  const used = meter({ realtime: realtime.pid, ...site.engines });
  await until('all messages are committed', () => {
    realtime.check();
    return hasCommitted(site, groupsOf('click').sink, messages);
  });
  const phase = { name: 'sink', rows: messages, ...used() };
  await realtime.stop();
  return phase;
}

export const hasCommitted = async (site: BenchSite, group: string, messages: number): Promise<boolean> =>
  (await committed(site, group)) >= messages;

async function committed({ admin }: BenchSite, group: string): Promise<number> {
  const offsets = await committedOffsets(admin, group, PLURAL.click);
  return sum([...offsets.values()].map(({ offset }) => offset));
}

/** Each poll costs Kafka something, and the slower side causes more of them. */
const ASK_MS = 100;

/** Returns the number of committed messages. */
export async function untilCommitted(site: BenchSite, group: string, messages: number, check = (): void => {}) {
  let sofar = 0;
  const isDone = async (): Promise<boolean> => {
    check();
    sofar = await committed(site, group);
    return sofar >= messages;
  };
  await until(`${messages} messages are committed`, isDone, ASK_MS);
  return sofar;
}

interface Consumer {
  group: string;
  pids: Record<string, number>;
  /** Throws if the measured process has ended. */
  check?(): void;
}

/**
 * Measures from the first commit of a consumer group to the last: without the time that processes need to start, to
 * join and to get the first message, so that all consumers have the same clock. The rows are those after the first
 * commit.
 */
export async function fromFirstCommit(
  site: BenchSite,
  messages: number,
  { group, pids, check }: Consumer,
): Promise<Metered & { rows: number }> {
  const before = await untilCommitted(site, group, 1, check);
  if (before >= messages) throw new Error(`all ${messages} messages were committed at once: take more`);
  const used = meter(pids);
  await untilCommitted(site, group, messages, check);
  return { rows: messages - before, ...used() };
}

/** A benchmark that counts wrongly has measured nothing. */
export async function checkCounted(site: BenchSite, clicks: number): Promise<void> {
  const twice = await countedTwice(site, clicks);
  if (twice !== 0) throw new Error(`${clicks + twice} of ${clicks} clicks are counted`);
}

/**
 * Clicks counted beyond the actual number, as happens with at-least-once delivery; throws if there are fewer, or if
 * tables differ.
 */
export async function countedTwice({ clickhouse }: BenchSite, clicks: number): Promise<number> {
  const [tables = {}] = await rows<Record<string, number>>(clickhouse, COUNTED_SQL);
  const [counted = 0, ...others] = Object.values(tables);
  if (counted < clicks || others.some((other) => other !== counted)) {
    throw new Error(`of ${clicks} clicks are counted ${JSON.stringify(tables)}`);
  }
  return counted - clicks;
}

/** Merges all parts now, which would otherwise happen during another measurement. */
export async function mergeTables({ clickhouse }: BenchSite): Promise<void> {
  for (const table of TABLES) await clickhouse.command({ query: `OPTIMIZE TABLE ads.${table} FINAL` });
}

/** Bytes per click in each table after merging, as facts. */
export async function bytesPerClick(site: BenchSite, clicks: number): Promise<Record<string, number>> {
  await mergeTables(site);
  const found = await rows<{ table: string; bytes: number }>(site.clickhouse, BYTES_SQL, { tables: TABLES });
  return Object.fromEntries(found.map(({ table, bytes }) => [`${table}, bytes a click`, bytes / clicks]));
}

export const messagesPerPartition = async (site: BenchSite): Promise<number[]> => [
  ...(await endOffsets(site.admin, PLURAL.click)).values(),
];
