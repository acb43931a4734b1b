import { setTimeout as sleep } from 'node:timers/promises';
import { TOPICS } from '../domain/names.ts';
import { kafkaBrokers } from '../infra/clients/engines.ts';
import { connectProducer, createKafka, type Kafka } from '../infra/clients/kafka.ts';
import type { Log } from '../infra/log.ts';
import type { RoleContext, Service, StartRole } from '../infra/role.ts';
import { tryLock } from '../infra/setup/lock.mjs';
import { CheckpointStore } from './checkpoint.ts';
import { logPattern } from './discover.ts';
import { Follower } from './follow.ts';
import { createIngestMetrics } from './metrics.ts';
import { Monitor } from './monitor.ts';
import { Sender, type SenderTopics } from './produce.ts';
import { FileProblems } from './report.ts';

/** How long a rotated file must have been left alone for its last line to count without a line end. */
const QUIET_MS = 10_000;
/** Between two attempts to send; the client has tried many times by itself within each. */
const RETRY_MS = 1_000;
const LOCK_RETRY_MS = 500;

export const startIngest: StartRole = (context) => startMonitor(context, TOPICS, QUIET_MS);

export async function startMonitor(
  { config, log, metrics }: RoleContext,
  topics: SenderTopics,
  quietMs: number,
): Promise<Service> {
  const kafka = createKafka(kafkaBrokers(config), 'clickledger-ingest', log);
  const partitions = await countPartitions(kafka, topics);
  const unlock = await lockFolder(config.dataDir, log);
  const store = await CheckpointStore.open(config.dataDir, Date.now());
  const problems = new FileProblems(log);
  const follow = { pattern: logPattern(config.logGlob, config.dataDir), hostId: config.hostId, quietMs };
  const follower = new Follower(store, follow, problems, log);
  const sender = new Sender(() => connectProducer(kafka), topics, RETRY_MS, log);
  const monitor = new Monitor({
    store,
    follower,
    problems,
    send: (messages) => sender.send(messages),
    partitions,
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

/** A click's place is by the partitions that the topic has, whatever the setting says by now. */
async function countPartitions(kafka: Kafka, { clicks, rejected }: SenderTopics): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const existing = await admin.listTopics();
    const missing = [clicks, rejected].find((topic) => !existing.includes(topic));
    if (missing) throw new Error(`no topic ${missing} yet: "clickledger migrate" creates it`);
    const { topics } = await admin.fetchTopicMetadata({ topics: [clicks] });
    return topics[0]?.partitions.length ?? 0;
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
