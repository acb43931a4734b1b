import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EventKind, eventTopic, eventTopics, topicBeside } from '../domain/event_kinds.ts';
import { TOPICS } from '../domain/names.ts';
import { kafkaAddress } from '../infra/clients/engines.ts';
import { connectProducer, createKafka, type Kafka, requireTopics } from '../infra/clients/kafka.ts';
import { ConfigError } from '../infra/config.ts';
import { lockFile } from '../infra/folder_lock.ts';
import type { Log } from '../infra/log.ts';
import { openRegister } from '../infra/register/open.ts';
import type { RoleContext, Service, StartRole } from '../infra/role.ts';
import { AnnotationReaders, versionsByGroups } from './annotation_readers.ts';
import { CheckpointStore } from './checkpoint.ts';
import { logPattern } from './discover.ts';
import { Follower } from './log_files.ts';
import type { LogWarning } from './log_findings.ts';
import { createIngestMetrics } from './metrics.ts';
import { Monitor } from './monitor.ts';
import { Sender } from './produce.ts';
import { FileProblems } from './report.ts';
import { FindingsReporter } from './report_findings.ts';

/** Time without writes after which the last line of a rotated file counts without a line end. */
const QUIET_MS = 10_000;
/** Pause between attempts to send; within each, the client has already retried many times. */
const RETRY_MS = 1_000;
const LOCK_RETRY_MS = 500;

interface MonitorTopics {
  /** Topic for clicks of new files. */
  clicks: string;
  /** All topics that clicks are counted from. Other kinds of events have theirs beside them. */
  counted: string[];
  rejected: string;
}

export const startIngest: StartRole = (context) => {
  const { region, regions } = context.config;
  const topics = {
    clicks: eventTopic('click', region),
    counted: eventTopics('click', regions),
    rejected: TOPICS.rejected,
  };
  return startMonitor(context, topics, QUIET_MS);
};

export async function startMonitor(
  { config, log, metrics }: Pick<RoleContext, 'config' | 'log' | 'metrics'>,
  topics: MonitorTopics,
  quietMs: number,
): Promise<Service> {
  const kafka = createKafka(kafkaAddress(config), 'clickledger-ingest', log);
  const kinds = new Set(config.eventKinds);
  const partitionsOf = await readPartitions(kafka, topics, kinds);
  const unlock = await lockFolder(config.dataDir, log);
  const store = await CheckpointStore.open(config.dataDir, Date.now(), (line) => log.warn(line));
  const problems = new FileProblems(log);
  const register = openRegister(config);
  const findings = new FindingsReporter(register, config.hostId, RETRY_MS, log);
  const follow = {
    pattern: logPattern(config.logGlob, config.dataDir),
    hostId: config.hostId,
    topic: topics.clicks,
    quietMs,
    warn: (warning: LogWarning) => findings.warn(warning),
  };
  const follower = new Follower(store, follow, problems, log);
  const sender = new Sender(() => connectProducer(kafka), topics.rejected, RETRY_MS, log);
  const admin = kafka.admin();
  await admin.connect();
  const readers = await AnnotationReaders.open({
    register,
    kinds,
    versionsRead: versionsByGroups(admin),
    log,
  });
  readers.follow();
  const kindOf = new Map(
    [...kinds].flatMap((kind) => topics.counted.map((clicks) => [topicBeside(clicks, kind), kind] as const)),
  );
  const canAnnotate = (topic: string): boolean => {
    const kind = kindOf.get(topic);
    return kind !== undefined && readers.canAnnotate(kind);
  };
  const monitor = new Monitor({
    store,
    follower,
    problems,
    send: async (messages) => {
      await readers.beforeSend();
      await sender.send(messages);
    },
    topics: { partitionsOf, canAnnotate },
    kinds,
    metrics: createIngestMetrics(metrics),
    log,
  });
  return {
    async stop() {
      await monitor.stop();
      await Promise.all([sender.close(), readers.close()]);
      await admin.disconnect();
      await findings.close();
      await store.close();
      await unlock();
    },
  };
}

/**
 * Number of partitions of a topic of events. Read from Kafka, since the setting may have changed after the topic was
 * created. Throws for a topic that is not counted: a file continues in its first topic even if its region was removed
 * from the settings.
 */
export async function readPartitions(
  kafka: Kafka,
  { counted, rejected }: MonitorTopics,
  kinds: ReadonlySet<EventKind>,
): Promise<(topic: string) => number> {
  const all = counted.flatMap((clicks) => [...kinds].map((kind) => topicBeside(clicks, kind)));
  const admin = kafka.admin();
  await admin.connect();
  try {
    await requireTopics(admin, [...all, rejected]);
    const { topics } = await admin.fetchTopicMetadata({ topics: all });
    const partitions = new Map(topics.map(({ name, partitions: { length } }) => [name, length]));
    return (topic) => {
      const count = partitions.get(topic);
      if (count === undefined) throw new ConfigError(`REGIONS: a file continues in ${topic}, which is not counted`);
      return count;
    };
  } finally {
    await admin.disconnect();
  }
}

/**
 * Two monitors on one folder would create two generations for each file. The lock lies in the folder, since other paths
 * and containers lead to it, too.
 */
async function lockFolder(dataDir: string, log: Log): Promise<() => Promise<void>> {
  const path = join(dataDir, 'ingest', 'lock');
  for (let isFirst = true; ; isFirst = false) {
    const lock = await lockFile(path);
    if (lock) return () => lock.release();
    if (isFirst) log.warn({ dataDir }, 'another log monitor has this folder: waiting for its end');
    await sleep(LOCK_RETRY_MS);
  }
}
