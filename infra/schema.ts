import { mkdirSync } from 'node:fs';
import { createClickHouse } from './clients/clickhouse.ts';
import { createElasticsearch } from './clients/elasticsearch.ts';
import { engineUrls } from './clients/engines.ts';
import { connectHive } from './clients/hive.ts';
import { createKafka, ensureTopics } from './clients/kafka.ts';
import type { Config } from './config.ts';
import { createLog } from './log.ts';
import { migrateClickHouse, migrateHive, putTemplates } from './migrate.ts';
import type { EngineName } from './setup/engines.mjs';
import { topicSpecs } from './topics.ts';

/**
 * Migrates one engine to this version: Kafka's topics, the tables of ClickHouse and Hive, the templates of
 * Elasticsearch. Idempotent. Hive's record is stored in ClickHouse, which must be migrated before. Returns the names of
 * the applied migrations.
 */
type Migrate = (config: Config, report: (line: string) => void) => Promise<string[]>;

export const MIGRATE: Record<EngineName, Migrate> = {
  async kafka(config) {
    const admin = createKafka(engineUrls(config).kafka, 'clickledger-migrate', createLog('migrate')).admin();
    await admin.connect();
    try {
      await ensureTopics(admin, topicSpecs(config));
      return [];
    } finally {
      await admin.disconnect();
    }
  },
  async clickhouse(config, report) {
    const clickhouse = createClickHouse(engineUrls(config).clickhouse);
    return migrateClickHouse(clickhouse, report).finally(() => clickhouse.close());
  },
  async elasticsearch(config) {
    const elasticsearch = createElasticsearch(engineUrls(config).elasticsearch);
    await putTemplates(elasticsearch).finally(() => elasticsearch.close());
    return [];
  },
  async hive(config, report) {
    const { archiveDir } = config;
    mkdirSync(archiveDir, { recursive: true });
    const urls = engineUrls(config);
    const clickhouse = createClickHouse(urls.clickhouse);
    try {
      const hive = await connectHive(urls.hive, createLog('migrate'));
      return await migrateHive({ clickhouse, hive, archiveDir }, report).finally(() => hive.close());
    } finally {
      await clickhouse.close();
    }
  },
};

/** All four engines, one after the other. Returns the names of the applied migrations. */
export async function migrateAll(config: Config, report: (line: string) => void): Promise<string[]> {
  const applied: string[] = [];
  for (const engine of ['kafka', 'clickhouse', 'elasticsearch', 'hive'] as const) {
    applied.push(...(await MIGRATE[engine](config, report)));
  }
  return applied;
}
