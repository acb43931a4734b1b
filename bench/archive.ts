import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { manifestsOf } from '../batch/archive/files/manifest.ts';
import { requestFlush } from '../batch/archive/requests.ts';
import type { Cut } from '../domain/cut.ts';
import { type EventKind, PLURAL } from '../domain/event_kinds.ts';
import { topicPartition } from '../domain/names.ts';
import { rows } from '../infra/clients/clickhouse.ts';
import { endOffsets } from '../infra/clients/kafka.ts';
import { archiveDirOf } from '../infra/kinds.ts';
import { sql } from '../infra/sql.ts';
import { sum } from './arithmetic.ts';
import { even, writeLog } from './clicks.ts';
import { KAFKA_ENGINE_CONFIG, withKafkaEngine } from './kafka_engine.ts';
import { fillTopic, untilCommitted } from './path.ts';
import type { BenchSite } from './site.ts';
import type { Benchmark, Round } from './types.ts';
import { until } from './until.ts';
import { meter } from './usage.ts';

const DROP = fileURLToPath(new URL('./archive/drop.ts', import.meta.url));
const ARCHIVED_SQL = sql('clickhouse/queries/bench_archived.sql');
const MESSAGES_READ_SQL = sql('clickhouse/queries/bench_messages_read.sql');

/** The view of each Kafka table fills its own Parquet files. */
const PARQUET = {
  target: archivedName,
  targetSql: sql('clickhouse/bench/kafka_engine_parquet.sql'),
  blockRows: 1_048_576,
};
const BYTES = 'Parquet, bytes a click';
const TWICE = 'archived more than once, clicks';
const TABLES = [1, 2, 4];
const tablesName = (tables: number): string => (tables === 1 ? '1 Kafka table' : `${tables} Kafka tables`);

/**
 * The same topic into Parquet: by the archive, and by ClickHouse's own means. Beside them the cost of reading alone: no
 * archive can be cheaper than that.
 */
export const archive: Benchmark = {
  name: 'archive',
  about: "Kafka → Parquet (zstd) by event day, with manifests, beside ClickHouse's own Kafka engine into Parquet files",
  sides: {
    ours: 'the archive: decoded, sorted into days, written, on record',
    peer: 'the Kafka engine and a view into a Parquet table: decoded, written a file a block, at least once',
  },
  engines: ['kafka', 'clickhouse'],
  clickhouseConfig: KAFKA_ENGINE_CONFIG,
  rows: 2_000_000,
  takesAds: true,
  async prepare(site, { rows, ads }) {
    const log = join(site.folder, 'lines', 'clicks.log');
    await writeLog(log, rows, even(ads));
    await site.emptyTopics();
    await fillTopic(site, site.newFolder(), log, rows);
    return {
      ours: () => write(site, { click: rows }),
      peer: Object.fromEntries(TABLES.map((tables) => [tablesName(tables), () => byKafkaEngine(site, rows, tables)])),
      others: { 'reading for nothing, by kafkajs': () => drop(site, rows) },
    };
  },
  targets: ({ ours }) => [{ what: 'clicks/s', value: ours.rows_per_second, atLeast: 150_000 }],
};

/** ClickHouse takes no part in the archive, nor in reading alone. */
const kafkaOf = ({ engines }: BenchSite) => ({ kafka: Number(engines.kafka) });

/**
 * Archives all that the topics have, by an archive that works on these kinds.
 * @param messages in the topic of each kind
 */
export async function write(site: BenchSite, messages: Partial<Record<EventKind, number>>): Promise<Round> {
  await site.forgetArchive();
  const dataDir = site.newFolder();
  const kinds = Object.keys(messages) as EventKind[];
  const all = sum(Object.values(messages));
  const folderOf = (event: EventKind): string => archiveDirOf({ archiveDir: join(dataDir, 'archive') }, event);
  // Requests at once the flush that would come when a file is full or five minutes old.
  for (const event of kinds) requestFlush(folderOf(event), 'bench', await wholeTopic(site, PLURAL[event]));
  const role = await site.startRole('archive', dataDir, { EVENT_KINDS: kinds.join() });
  const used = meter({ archive: role.pid, ...kafkaOf(site) });
  const filesOf = (event: EventKind) => [...manifestsOf(folderOf(event))].flatMap(({ files }) => files);
  const archived = (event: EventKind): number => sum(filesOf(event).map(({ rows }) => rows));
  await until('all events are archived', async () => {
    role.check();
    return sum(kinds.map(archived)) >= all;
  });
  const phase = { name: 'archive', rows: all, ...used() };
  await role.stop();
  for (const event of kinds) {
    if (archived(event) === messages[event]) continue;
    throw new Error(`${archived(event)} ${PLURAL[event]} are archived, not ${messages[event]}`);
  }
  const bytes = sum(kinds.flatMap(filesOf).map(({ bytes }) => bytes));
  return { phases: [phase], facts: { [BYTES]: bytes / all, [TWICE]: 0 } };
}

async function wholeTopic({ admin }: BenchSite, topic: string): Promise<Cut> {
  const ends = await endOffsets(admin, topic);
  return Object.fromEntries([...ends].map(([partition, end]) => [topicPartition(topic, partition), end]));
}

function archivedName(n: number): string {
  return `archived_${n}`;
}

/** Its clock starts with the first message it reads; ours starts earlier, when the role is ready. */
async function byKafkaEngine(site: BenchSite, clicks: number, tables: number): Promise<Round> {
  await site.emptyTables();
  const readers = { tables, consumers: 1, threadEach: false };
  const phase = await withKafkaEngine(site, PARQUET, readers, async (group) => {
    await until('the first message is read', async () => {
      const [read] = await rows<{ messages: string }>(site.clickhouse, MESSAGES_READ_SQL);
      return Number(read?.messages) > 0;
    });
    const used = meter(site.engines);
    await untilCommitted(site, [{ group, topic: PLURAL.click }], clicks);
    return { name: 'archive', rows: clicks, ...used() };
  });
  // Not while blocks are written, even empty ones: a query waits for all of them.
  const archived = await archivedIn(site, tables);
  if (archived.clicks < clicks) throw new Error(`${archived.clicks} clicks are archived, not ${clicks}`);
  const facts = { [BYTES]: archived.bytes / archived.clicks, [TWICE]: archived.clicks - clicks };
  return { phases: [phase], facts };
}

async function archivedIn({ clickhouse }: BenchSite, tables: number): Promise<{ clicks: number; bytes: number }> {
  const found = await Promise.all(
    Array.from({ length: tables }, (_, n) =>
      rows<{ clicks: number; bytes: number }>(clickhouse, ARCHIVED_SQL, { archived: archivedName(n) }),
    ),
  );
  return { clicks: sum(found.flat().map(({ clicks }) => clicks)), bytes: sum(found.flat().map(({ bytes }) => bytes)) };
}

async function drop(site: BenchSite, messages: number): Promise<Round> {
  const reader = site.startProgram('reader', DROP, [site.urls.kafka.brokers.join(','), PLURAL.click, String(messages)]);
  await reader.says('reading');
  const used = meter({ reader: reader.pid, ...kafkaOf(site) });
  await reader.says('read all');
  const phase = { name: 'archive', rows: messages, ...used() };
  await reader.stop();
  return { phases: [phase], facts: {} };
}
