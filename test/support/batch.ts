import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startArchiveConsumer } from '../../batch/archive/consume.ts';
import { openDuck } from '../../batch/archive/files/duckdb.ts';
import { requestFlush } from '../../batch/archive/requests.ts';
import { chainEnds } from '../../batch/archive/totals.ts';
import type { BatchEngines } from '../../batch/run/engines.ts';
import { startLedger } from '../../batch/run/ledger_import.ts';
import { Turns } from '../../batch/run/turns.ts';
import { type Annotations, NO_ANNOTATIONS } from '../../domain/click/annotations.ts';
import type { Click } from '../../domain/click/click.ts';
import { partitionOf } from '../../domain/click/partition.ts';
import { encodeEvent } from '../../domain/click/wire.ts';
import { type Cut, missing } from '../../domain/cut.ts';
import { minutesName, TOPICS, topicPartition } from '../../domain/names.ts';
import { dayStartMs, iso } from '../../domain/time.ts';
import { type ClickHouseClient, createClickHouse } from '../../infra/clients/clickhouse.ts';
import { createElasticsearch } from '../../infra/clients/elasticsearch.ts';
import type { EngineUrls } from '../../infra/clients/engines.ts';
import { connectHive } from '../../infra/clients/hive.ts';
import {
  clockOf,
  connectProducer,
  createKafka,
  endOffsetsOf,
  ensureTopics,
  type Kafka,
} from '../../infra/clients/kafka.ts';
import type { KafkaAddress } from '../../infra/engine_settings/addresses.ts';
import { createLog, type Log } from '../../infra/log.ts';
import { fileRegister } from '../../infra/register/file_register.ts';
import type { Service } from '../../infra/role.ts';
import { waitUntil } from '../../infra/wait.ts';

const PARTITIONS = 3;

export interface PlacedClick extends Click {
  topic_partition: string;
  topic_offset: number;
}

/** Counts clicks like a sink without a dedupe window; these tests have no duplicates. */
export async function countInRealtime(
  clickhouse: ClickHouseClient,
  clicks: PlacedClick[],
  table = 'ads.clicks',
): Promise<void> {
  const arrived_at = iso(Date.now());
  await clickhouse.insert({
    table,
    values: clicks.map((click) => ({ ...click, click_timestamp: iso(click.click_timestamp), arrived_at })),
    format: 'JSONEachRow',
  });
}

/** Topics, an archive folder and clicks for one test, on the running engines. */
export class TestArchive {
  readonly topic = `batch-test-${randomBytes(4).toString('hex')}`;
  /** Topics created so far; a consumer started after a topic was created reads it too. */
  readonly topics: string[] = [];
  readonly archiveDir = mkdtempSync(join(tmpdir(), 'clickledger-batch-'));
  readonly registerDir = mkdtempSync(join(tmpdir(), 'clickledger-register-'));
  readonly register = fileRegister(this.registerDir);
  readonly kafka: Kafka;
  readonly log: Log;
  readonly #archivers: Service[] = [];
  readonly fatal: unknown[] = [];

  constructor(at: KafkaAddress) {
    this.log = createLog('test');
    this.log.level = 'warn';
    this.kafka = createKafka(at, this.topic, this.log);
  }

  async createTopic(topic = this.topic): Promise<void> {
    await this.withAdmin((admin) =>
      ensureTopics(admin, [{ topic, partitions: PARTITIONS, config: { 'message.timestamp.type': 'LogAppendTime' } }]),
    );
    this.topics.push(topic);
  }

  /**
   * Returns the clicks with their positions.
   * @param annotations of the nth click
   */
  async send(
    clicks: Click[],
    others: Buffer[] = [],
    topic = this.topic,
    annotations: (n: number) => Annotations = () => NO_ANNOTATIONS,
  ): Promise<PlacedClick[]> {
    const producer = await connectProducer(this.kafka);
    const messages = clicks.map((click, n) => ({
      partition: partitionOf(click.event_id, PARTITIONS),
      key: click.ad_id,
      value: encodeEvent('click', click, annotations(n)),
    }));
    const sent = await producer.send({
      topic,
      messages: [...messages, ...others.map((value) => ({ partition: 0, key: '', value }))],
    });
    await producer.disconnect();
    const next = new Map(sent.map(({ partition, baseOffset }) => [partition, Number(baseOffset)]));
    return clicks.map((click) => {
      const partition = partitionOf(click.event_id, PARTITIONS);
      const topic_offset = next.get(partition) ?? 0;
      next.set(partition, topic_offset + 1);
      return { ...click, topic_partition: topicPartition(topic, partition), topic_offset };
    });
  }

  /** @param groupId archivers of different groups all read everything: they compete for each range */
  async startArchiver(groupId = this.topic, rollMs = 300_000): Promise<Service> {
    const consumer = await startArchiveConsumer({
      event: 'click',
      kafka: this.kafka,
      topics: [...this.topics],
      groupId,
      archiveDir: this.archiveDir,
      rollBytes: 1_000_000,
      rollMs,
      log: this.log,
      register: this.register,
      onArchived: () => {},
      onFatal: (error) => this.fatal.push(error),
    });
    let stopped = false;
    const service = {
      stop: async () => {
        if (stopped) return;
        stopped = true;
        await consumer.stop();
      },
    };
    this.#archivers.push(service);
    return service;
  }

  ends(): Promise<Cut> {
    return this.withAdmin(async (admin) => Object.fromEntries(await endOffsetsOf(admin, this.topics)));
  }

  /** Requests a flush of everything in the topics now, and waits for it. */
  async archived(): Promise<Cut> {
    const cut = await this.ends();
    const withdrawRequest = requestFlush(this.archiveDir, 'test', cut);
    await waitUntil('the archive to pass the cut', async () => {
      const left = missing(chainEnds(this.archiveDir), cut);
      return left === 0 ? null : `${left} messages to go`;
    });
    withdrawRequest();
    return cut;
  }

  /** Commits a cut for a sink (these tests have none), as if it had counted up to it. */
  async commit(groupId: string, cut: Cut): Promise<void> {
    for (const topic of this.topics) {
      const partitions = Array.from({ length: PARTITIONS }, (_, partition) => ({
        partition,
        offset: String(cut[topicPartition(topic, partition)] ?? 0),
      }));
      await this.withAdmin((admin) => admin.setOffsets({ groupId, topic, partitions }));
    }
  }

  async close(): Promise<void> {
    for (const archiver of this.#archivers) await archiver.stop();
    await this.withAdmin((admin) => admin.deleteTopics({ topics: this.topics }));
    for (const folder of [this.archiveDir, this.registerDir]) rmSync(folder, { recursive: true, force: true });
  }

  async withAdmin<T>(work: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  }
}

/** The engines for rebuilding days of the test's archive. */
export async function openTestEngines(archive: TestArchive, urls: EngineUrls) {
  const { archiveDir, register, kafka, log, topics, topic } = archive;
  // Beside the ledgers of other tests in ads.ledger, which it must not take over.
  await startLedger(register, randomUUID());
  const admin = kafka.admin();
  await admin.connect();
  const producer = await connectProducer(kafka);
  const duck = await openDuck(archiveDir, 64);
  const [clickhouse, elasticsearch] = [createClickHouse(urls.clickhouse), createElasticsearch(urls.elasticsearch)];
  const engines: BatchEngines = {
    archiveDir,
    register,
    admin,
    producer,
    clock: clockOf(producer, TOPICS.clock),
    clickhouse,
    elasticsearch,
    duck,
    turns: new Turns(),
    sliceRows: null,
    log,
    event: 'click',
    topics: { clicks: topics, adMinutes: minutesName('click') },
    sinkGroup: `${topic}-sink`,
    allowedLatenessMs: 60_000,
    reconcileLimit: 0,
    connectHive: () => connectHive(urls.hive, log),
    signal: new AbortController().signal,
  };
  return {
    engines,
    async close() {
      await Promise.all([producer.disconnect(), admin.disconnect(), clickhouse.close(), elasticsearch.close()]);
      duck.close();
    },
  };
}

/** Makes the test's topic, archives it and opens the engines. `close` ends all of it. */
export async function startTestArchive(archive: TestArchive, urls: EngineUrls) {
  await archive.createTopic();
  await archive.startArchiver();
  const { engines, close } = await openTestEngines(archive, urls);
  return {
    engines,
    async close() {
      await close();
      await archive.close();
    },
  };
}

const COUNTRIES = ['USA', 'DEU', 'FRA'];

/** Clicks spread over a day, all different. */
export const clicksOfDay = (day: string, count: number, prefix: string): Click[] =>
  Array.from({ length: count }, (_, n) => ({
    event_id: `${prefix}-${day}-${n}`,
    ad_id: `${prefix}-ad${n % 7}`,
    click_timestamp: dayStartMs(day) + ((n * 7_919) % 86_400) * 1_000,
    user_id: `user ${n % 50}`,
    ip: `10.0.0.${n % 250}`,
    country: COUNTRIES[n % COUNTRIES.length] as string,
  }));
