import { setTimeout as sleep } from 'node:timers/promises';
import { clicksTopic, clicksTopics, TOPICS } from '../domain/names.ts';
import { kafkaBrokers } from '../infra/clients/engines.ts';
import { connectProducer, createKafka, type Kafka, requireTopics } from '../infra/clients/kafka.ts';
import { ConfigError } from '../infra/config.ts';
import { tryLock } from '../infra/lock.mjs';
import type { Log } from '../infra/log.ts';
import type { RoleContext, Service, StartRole } from '../infra/role.ts';
import { CheckpointStore } from './checkpoint.ts';
import { logPattern } from './discover.ts';
import { Follower } from './log_files.ts';
import { createIngestMetrics } from './metrics.ts';
import { Monitor } from './monitor.ts';
import { Sender } from './produce.ts';
import { FileProblems } from './report.ts';

/** How long a rotated file must have been left alone for its last line to count without a line end. */
const QUIET_MS = 10_000;
/** Between two attempts to send; the client has tried many times by itself within each. */
const RETRY_MS = 1_000;
const LOCK_RETRY_MS = 500;

interface MonitorTopics {
  /** For clicks of files that are new. */
  clicks: string;
  /** All that clicks are counted from. */
  counted: string[];
  rejected: string;
}

export const startIngest: StartRole = (context) => {
  const { region, regions } = context.config;
  const topics = { clicks: clicksTopic(region), counted: clicksTopics(regions), rejected: TOPICS.rejected };
  return startMonitor(context, topics, QUIET_MS);
};

export async function startMonitor(
  { config, log, metrics }: Pick<RoleContext, 'config' | 'log' | 'metrics'>,
  topics: MonitorTopics,
  quietMs: number,
): Promise<Service> {
  const kafka = createKafka(kafkaBrokers(config), 'clickledger-ingest', log);
  const partitionsOf = await readPartitions(kafka, topics);
  const unlock = await lockFolder(config.dataDir, log);
  const store = await CheckpointStore.open(config.dataDir, Date.now());
  const problems = new FileProblems(log);
  const follow = {
    pattern: logPattern(config.logGlob, config.dataDir),
    hostId: config.hostId,
    topic: topics.clicks,
    quietMs,
  };
  const follower = new Follower(store, follow, problems, log);
  const sender = new Sender(() => connectProducer(kafka), topics.rejected, RETRY_MS, log);
  const monitor = new Monitor({
    store,
    follower,
    problems,
    send: (messages) => sender.send(messages),
    partitionsOf,
    metrics: createIngestMetrics(metrics),
    log,
  });
  return {
    async stop() {
      await monitor.stop();
      await sender.close();
      await store.close();
      await unlock();
    },
  };
}

/**
 * A click's place is by the partitions that its topic has, whatever the setting says by now. Asked for a topic that
 * nobody counts, it throws: a file goes on where it was begun, also when the region has left the settings meanwhile.
 */
async function readPartitions(kafka: Kafka, { counted, rejected }: MonitorTopics): Promise<(topic: string) => number> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    await requireTopics(admin, [...counted, rejected]);
    const { topics } = await admin.fetchTopicMetadata({ topics: counted });
    const partitions = new Map(topics.map(({ name, partitions: { length } }) => [name, length]));
    return (topic) => {
      const count = partitions.get(topic);
      if (count === undefined) throw new ConfigError(`REGIONS: a file goes on in ${topic}, which is not counted`);
      return count;
    };
  } finally {
    await admin.disconnect();
  }
}

/** Two monitors on one folder would give the same files two generations each. */
async function lockFolder(dataDir: string, log: Log): Promise<() => Promise<void>> {
  for (let isFirst = true; ; isFirst = false) {
    const unlock = await tryLock(`ingest ${dataDir}`);
    if (unlock) return unlock;
    if (isFirst) log.warn({ dataDir }, 'another log monitor has this folder: waiting for its end');
    await sleep(LOCK_RETRY_MS);
  }
}
