import { mkdirSync } from 'node:fs';
import { createClickHouse } from './clients/clickhouse.ts';
import { createElasticsearch } from './clients/elasticsearch.ts';
import { engineUrls } from './clients/engines.ts';
import { connectHive } from './clients/hive.ts';
import { createKafka, ensureTopics } from './clients/kafka.ts';
import type { Config } from './config.ts';
import { createLog } from './log.ts';
import { migrate } from './migrate.ts';
import { topicSpecs } from './topics.ts';

/** Topics, tables and templates of all four engines, brought to this version. Returns what was applied. */
export async function migrateAll(config: Config, report: (line: string) => void): Promise<string[]> {
  const log = createLog('migrate');
  const urls = engineUrls(config);
  mkdirSync(config.archiveDir, { recursive: true });
  const admin = createKafka(urls.kafka, 'clickledger-migrate', log).admin();
  await admin.connect();
  try {
    await ensureTopics(admin, topicSpecs(config));
  } finally {
    await admin.disconnect();
  }
  const clickhouse = createClickHouse(urls.clickhouse);
  const elasticsearch = createElasticsearch(urls.elasticsearch);
  const hive = await connectHive(urls.hive, log);
  try {
    return await migrate({ clickhouse, hive, elasticsearch, archiveDir: config.archiveDir }, report);
  } finally {
    await Promise.all([clickhouse.close(), elasticsearch.close(), hive.close()]);
  }
}
