import { type EventKind, PLURAL } from '../domain/event_kinds.ts';
import { databaseOf, groupsOf } from '../domain/names.ts';
import { createClickHouse, rows } from '../infra/clients/clickhouse.ts';
import { committedOffsets, endOffsets } from '../infra/clients/kafka.ts';
import { sql } from '../infra/sql.ts';
import { sum } from './arithmetic.ts';
import type { Running } from './process.ts';
import type { BenchSite } from './site.ts';
import type { Metered, Phase } from './types.ts';
import { until } from './until.ts';
import { meter } from './usage.ts';

/** Most benchmarks are of clicks alone. */
const CLICKS: readonly EventKind[] = ['click'];

/** A consumer group and a topic that it reads. */
interface Reads {
  group: string;
  topic: string;
}
export const sinkReads = (kinds = CLICKS): Reads[] =>
  kinds.map((event) => ({ group: groupsOf(event).sink, topic: PLURAL[event] }));

/** The tables that a click is counted into. */
export const TABLES = ['clicks', 'minutes_by_ad', 'minutes_by_minute'];
const COUNTED_SQL = sql('clickhouse/queries/bench_counted.sql');
const BYTES_SQL = sql('clickhouse/queries/bench_bytes.sql');

/** Log files → topics: runs the log monitor until all `lines` of the log are in Kafka. */
export async function fillTopic(
  site: BenchSite,
  dataDir: string,
  log: string,
  lines: number,
  kinds = CLICKS,
): Promise<Phase> {
  const ingest = await site.startRole('ingest', dataDir, { LOG_GLOB: log });
  const used = meter({ ingest: ingest.pid, kafka: Number(site.engines.kafka) });
  await untilInTopic(site, ingest, lines, kinds);
  const phase = { name: 'ingest', rows: lines, ...used() };
  await ingest.stop();
  return phase;
}

export const untilInTopic = (site: BenchSite, sender: Running, messages: number, kinds = CLICKS): Promise<void> =>
  until(`${messages} messages are in the topics`, async () => {
    sender.check();
    const topics = await Promise.all(kinds.map((event) => endOffsets(site.admin, PLURAL[event])));
    return sum(topics.flatMap((ends) => [...ends.values()])) >= messages;
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
    return hasCommitted(site, sinkReads(), messages);
  });
  const phase = { name: 'sink', rows: messages, ...used() };
  await realtime.stop();
  return phase;
}

export const hasCommitted = async (site: BenchSite, reads: readonly Reads[], messages: number): Promise<boolean> =>
  (await committed(site, reads)) >= messages;

const committed = async (site: BenchSite, reads: readonly Reads[]): Promise<number> =>
  sum(await committedByEach(site, reads));

async function committedByEach({ admin }: BenchSite, reads: readonly Reads[]): Promise<number[]> {
  const offsets = await Promise.all(reads.map(({ group, topic }) => committedOffsets(admin, group, topic)));
  return offsets.map((ofTopic) => sum([...ofTopic.values()].map(({ offset }) => offset)));
}

/** Each poll costs Kafka something, and the slower side causes more of them. */
const ASK_MS = 100;

/** Returns the number of committed messages. */
export async function untilCommitted(
  site: BenchSite,
  reads: readonly Reads[],
  messages: number,
  check = (): void => {},
) {
  let sofar = 0;
  const isDone = async (): Promise<boolean> => {
    check();
    sofar = await committed(site, reads);
    return sofar >= messages;
  };
  await until(`${messages} messages are committed`, isDone, ASK_MS);
  return sofar;
}

/** Returns the number of messages committed once each group has committed some. */
async function untilEachCommits(site: BenchSite, reads: readonly Reads[], check = (): void => {}): Promise<number> {
  let each: number[] = [];
  const isDone = async (): Promise<boolean> => {
    check();
    each = await committedByEach(site, reads);
    return each.every((offset) => offset > 0);
  };
  await until('every group has committed', isDone, ASK_MS);
  return sum(each);
}

interface Consumer {
  reads: readonly Reads[];
  pids: Record<string, number>;
  /** Throws if the measured process has ended. */
  check?(): void;
}

/**
 * Measures from the first commit of each group to the last: without the time that processes need to start, to join and
 * to get the first message, so that all consumers have the same clock. The rows are those committed after that.
 */
export async function fromFirstCommit(
  site: BenchSite,
  messages: number,
  { reads, pids, check }: Consumer,
): Promise<Metered & { rows: number }> {
  const before = await untilEachCommits(site, reads, check);
  if (before >= messages) throw new Error(`all ${messages} messages were committed at once: take more`);
  const used = meter(pids);
  await untilCommitted(site, reads, messages, check);
  return { rows: messages - before, ...used() };
}

/** A benchmark that counts wrongly has measured nothing. */
export async function checkCounted(site: BenchSite, events: number, event: EventKind = 'click'): Promise<void> {
  const twice = await countedTwice(site, events, event);
  if (twice !== 0) throw new Error(`${events + twice} of ${events} ${PLURAL[event]} are counted`);
}

/**
 * Events counted beyond the actual number, as happens with at-least-once delivery; throws if there are fewer, or if
 * tables differ.
 */
export async function countedTwice({ urls }: BenchSite, events: number, event: EventKind = 'click'): Promise<number> {
  const clickhouse = createClickHouse(urls.clickhouse, { database: databaseOf(event) });
  const [tables = {}] = await rows<Record<string, number>>(clickhouse, COUNTED_SQL).finally(() => clickhouse.close());
  const [counted = 0, ...others] = Object.values(tables);
  if (counted < events || others.some((other) => other !== counted)) {
    throw new Error(`of ${events} ${PLURAL[event]} are counted ${JSON.stringify(tables)}`);
  }
  return counted - events;
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
