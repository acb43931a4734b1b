import { mkdirSync } from 'node:fs';
import { type EventKind, eventTopics } from '../../domain/event_kinds.ts';
import { groupsOf, minutesName, TOPICS } from '../../domain/names.ts';
import { createElasticsearch } from '../../infra/clients/elasticsearch.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { clockOf, connectProducer, createKafka, requireTopics } from '../../infra/clients/kafka.ts';
import type { Config } from '../../infra/config.ts';
import { archiveDirOf, clickHouseOf, hiveOf, openRegisterOf } from '../../infra/kinds.ts';
import type { Log } from '../../infra/log.ts';
import { refuseWhileRestoring } from '../../infra/restored.ts';
import { MEMORY_MB, openDuck } from '../archive/files/duckdb.ts';
import type { BatchEngines } from './engines.ts';
import { Turns } from './turns.ts';

/** What Hive counts in a few seconds. Clicks are always counted at once: nothing is waiting that goes before them. */
const SLICE_ROWS = 1_000_000;

interface OpenEngines {
  engines: BatchEngines;
  /** Stops work in progress, then closes everything. */
  close(): Promise<void>;
}

/**
 * Throws while ClickHouse lacks what it had before it was lost: runs and replays would be made of a part of it.
 * @param turns shared by all kinds of this process
 * @param restores whether it is opened to bring that back
 */
export async function openBatchEngines(
  config: Config,
  event: EventKind,
  log: Log,
  { turns = new Turns(), restores = false }: { turns?: Turns; restores?: boolean } = {},
): Promise<OpenEngines> {
  const archiveDir = archiveDirOf(config, event);
  const urls = engineUrls(config);
  const clickhouse = clickHouseOf(config, event);
  if (!restores)
    await refuseWhileRestoring(clickhouse).catch((error) => clickhouse.close().then(() => Promise.reject(error)));
  mkdirSync(archiveDir, { recursive: true });
  const kafka = createKafka(urls.kafka, 'clickledger-batch', log);
  const admin = kafka.admin();
  await admin.connect();
  const topics = { clicks: eventTopics(event, config.regions), adMinutes: minutesName(event) };
  await requireTopics(admin, [...topics.clicks, topics.adMinutes, TOPICS.clock]);
  const producer = await connectProducer(kafka);
  const elasticsearch = createElasticsearch(urls.elasticsearch);
  const duck = await openDuck(archiveDir, MEMORY_MB);
  const ended = new AbortController();
  return {
    engines: {
      archiveDir,
      register: openRegisterOf(config, event),
      event,
      topics,
      sinkGroup: groupsOf(event).sink,
      admin,
      producer,
      clock: clockOf(producer, TOPICS.clock),
      clickhouse,
      elasticsearch,
      connectHive: () => hiveOf(config, event, log),
      duck,
      turns,
      sliceRows: event === 'click' ? null : SLICE_ROWS,
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
