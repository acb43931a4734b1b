import { mkdirSync } from 'node:fs';
import { eventTopics } from '../../domain/event_kinds.ts';
import { groupsOf, minutesName, TOPICS } from '../../domain/names.ts';
import { createClickHouse } from '../../infra/clients/clickhouse.ts';
import { createElasticsearch } from '../../infra/clients/elasticsearch.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { connectHive } from '../../infra/clients/hive.ts';
import { clockOf, connectProducer, createKafka, requireTopics } from '../../infra/clients/kafka.ts';
import type { Config } from '../../infra/config.ts';
import type { Log } from '../../infra/log.ts';
import { openRegister } from '../../infra/register/open.ts';
import { MEMORY_MB, openDuck } from '../archive/files/duckdb.ts';
import type { BatchEngines } from './engines.ts';

interface OpenEngines {
  engines: BatchEngines;
  /** Stops work in progress, then closes everything. */
  close(): Promise<void>;
}

export async function openBatchEngines(config: Config, log: Log): Promise<OpenEngines> {
  const { archiveDir } = config;
  const urls = engineUrls(config);
  mkdirSync(archiveDir, { recursive: true });
  const kafka = createKafka(urls.kafka, 'clickledger-batch', log);
  const admin = kafka.admin();
  await admin.connect();
  const topics = { clicks: eventTopics('click', config.regions), adMinutes: minutesName('click') };
  await requireTopics(admin, [...topics.clicks, topics.adMinutes, TOPICS.clock]);
  const producer = await connectProducer(kafka);
  const clickhouse = createClickHouse(urls.clickhouse);
  const elasticsearch = createElasticsearch(urls.elasticsearch);
  const duck = await openDuck(archiveDir, MEMORY_MB);
  const ended = new AbortController();
  return {
    engines: {
      archiveDir,
      register: openRegister(config),
      event: 'click',
      topics,
      sinkGroup: groupsOf('click').sink,
      admin,
      producer,
      clock: clockOf(producer, TOPICS.clock),
      clickhouse,
      elasticsearch,
      connectHive: () => connectHive(urls.hive, log),
      duck,
      allowedLatenessMs: config.allowedLatenessMs,
      reconcileLimit: config.reconcileLimit,
      log,
      signal: ended.signal,
    },
    async close() {
      ended.abort(new Error('stopped'));
      await producer.disconnect();
      await admin.disconnect();
      await clickhouse.close();
      await elasticsearch.close();
      duck.close();
    },
  };
}
