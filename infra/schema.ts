import { mkdirSync } from 'node:fs';
import { eventTopics } from '../domain/event_kinds.ts';
import { databaseOf, NO_DATABASE } from '../domain/names.ts';
import { createClickHouse } from './clients/clickhouse.ts';
import { createElasticsearch } from './clients/elasticsearch.ts';
import { engineUrls, hiveAddress, kafkaAddress } from './clients/engines.ts';
import { connectHive, withHive } from './clients/hive.ts';
import { type Admin, copiesOf, createKafka, ensureTopics, letRead } from './clients/kafka.ts';
import type { Config } from './config.ts';
import { ANALYST } from './embedded/password.ts';
import { showClicks } from './hive_clicks.ts';
import { kindViews } from './kind_views.ts';
import { archiveDirOf } from './kinds.ts';
import { createLog } from './log.ts';
import { markLost, migrateClickHouse, migrateHive, putTemplates } from './migrate.ts';
import { checkOneClickHouse } from './preflight/one_clickhouse.ts';
import { clickHouseStore } from './preflight/store_ids.ts';
import { checkStore } from './preflight/stores.ts';
import { checkTopics } from './preflight/topics.ts';
import { recordKinds } from './register/event_kinds.ts';
import { openRegister } from './register/open.ts';
import { openRestore, reportHiveLost } from './register/restores.ts';
import type { EngineName } from './setup/engines.mjs';
import { analystTopics, topicSpecs } from './topics.ts';

/**
 * Migrates one engine to this version: Kafka's topics, the tables of ClickHouse and Hive, the templates of
 * Elasticsearch. Idempotent. Hive's record is stored in ClickHouse, which must be migrated before. Returns the names of
 * the applied migrations.
 */
type Migrate = (config: Config, report: (line: string) => void) => Promise<string[]>;

export const MIGRATE: Record<EngineName, Migrate> = {
  async kafka(config, report) {
    const [log, address] = [createLog('migrate'), kafkaAddress(config)];
    const admin = createKafka(address, 'clickledger-migrate', log).admin();
    await admin.connect();
    try {
      const specs = topicSpecs(config);
      await ensureTopics(admin, specs, address);
      if (config.urls.kafka === undefined) await letRead(admin, ANALYST, analystTopics(config), ANALYST);
      const { dedupeWindowMs, eventKinds, regions } = config;
      const register = openRegister(config);
      const clicksTopics = eventKinds.flatMap((event) => eventTopics(event, regions));
      const topics = { topics: specs.map(({ topic }) => topic), clicksTopics };
      const checked = { register, brokers: address.brokers, ...topics, dedupeWindowMs, log };
      await checkTopics(admin, checked, Date.now());
      if (address.replication !== undefined) await reportFewer(admin, topics.topics, address.replication, report);
      await recordKinds(register, eventKinds, Date.now(), await isUnread(admin, eventTopics('click', regions)));
      return [];
    } finally {
      await admin.disconnect();
    }
  },
  async clickhouse(config, report) {
    const address = engineUrls(config).clickhouse;
    await checkOneClickHouse(address);
    const clickhouse = createClickHouse(address, { database: NO_DATABASE });
    const [register, own] = [openRegister(config), clickHouseStore(clickhouse, new URL(address.url).host)];
    try {
      const isLost = (await openRestore(register, 'clickhouse')) !== null && (await own.readIds()).length === 0;
      const store = isLost ? { ...own, isRefilled: true as const } : own;
      // Before tables are made in another platform's, or in an emptied one.
      await checkStore(register, store, Date.now(), false);
      // Before any table that could be taken for an empty one.
      if (isLost) for (const event of config.eventKinds) await markLost(clickhouse, databaseOf(event));
      const applied: string[] = [];
      for (const event of config.eventKinds) {
        applied.push(...(await migrateClickHouse({ clickhouse, database: databaseOf(event) }, report)));
      }
      for (const query of kindViews('clickhouse', config.eventKinds)) await clickhouse.command({ query });
      await checkStore(register, store, Date.now());
      return applied;
    } finally {
      await clickhouse.close();
    }
  },
  async elasticsearch(config) {
    const address = engineUrls(config).elasticsearch;
    const elasticsearch = createElasticsearch(address);
    await putTemplates(elasticsearch, { replicas: address.replicas }).finally(() => elasticsearch.close());
    return [];
  },
  async hive(config, report) {
    const clickhouse = createClickHouse(engineUrls(config).clickhouse, { database: NO_DATABASE });
    try {
      const hive = await connectHive(hiveAddress(config), createLog('migrate'), NO_DATABASE);
      const register = openRegister(config);
      const applied: string[] = [];
      try {
        for (const event of config.eventKinds) {
          const archiveDir = archiveDirOf(config, event);
          mkdirSync(archiveDir, { recursive: true });
          const tables = { clickhouse, database: databaseOf(event), hive, archiveDir };
          applied.push(...(await migrateHive(tables, report, () => reportHiveLost(register, Date.now()))));
          await withHive(hiveAddress(config), createLog('migrate'), showClicks, databaseOf(event));
        }
        for (const statement of kindViews('hive', config.eventKinds)) await hive.execute(statement);
      } finally {
        await hive.close();
      }
      return applied;
    } finally {
      await clickhouse.close();
    }
  },
};

/** A topic that was there before the setting keeps its copies. */
async function reportFewer(
  admin: Admin,
  topics: string[],
  replication: number,
  report: (line: string) => void,
): Promise<void> {
  for (const [topic, copies] of await copiesOf(admin, topics)) {
    if (copies >= replication) continue;
    report(
      `topic ${topic} is on ${copies} broker(s), KAFKA_REPLICATION is ${replication}: kafka-reassign-partitions.sh changes it`,
    );
  }
}

/** Whether no message was ever sent to the topics, not even one that has expired. */
async function isUnread(admin: Admin, topics: string[]): Promise<boolean> {
  const offsets = await Promise.all(topics.map((topic) => admin.fetchTopicOffsets(topic)));
  return offsets.flat().every(({ high }) => high === '0');
}

/** All four engines, one after the other. Returns the names of the applied migrations. */
export async function migrateAll(config: Config, report: (line: string) => void): Promise<string[]> {
  const applied: string[] = [];
  for (const engine of ['kafka', 'clickhouse', 'elasticsearch', 'hive'] as const) {
    applied.push(...(await MIGRATE[engine](config, report)));
  }
  return applied;
}
