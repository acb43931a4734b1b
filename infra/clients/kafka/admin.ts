import { setTimeout as delay } from 'node:timers/promises';
import kafkajs, { type Admin } from 'kafkajs';
import { committedOf, FIRST_NAMES } from '../../../domain/partition_names.ts';
import type { KafkaAddress } from '../../engine_settings/addresses.ts';

export type { Admin } from 'kafkajs';

export interface TopicSpec {
  topic: string;
  partitions: number;
  config: Record<string, string>;
}

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ConfigResourceTypes, ResourcePatternTypes } = kafkajs;

const POLL_MS = 100;

/** How many brokers have a message, and how many of them before it is acknowledged. */
type Copies = Pick<KafkaAddress, 'replication' | 'minInSync'>;

/** So many, where there are as many brokers, unless another number is set. */
const COPIES = 3;

/**
 * Creates what is missing, and returns when the broker serves all. A topic that is there keeps its number of partitions,
 * which clicks are placed by, and its copies.
 */
export async function ensureTopics(admin: Admin, specs: TopicSpec[], copies: Copies = {}): Promise<void> {
  const existing = new Set(await admin.listTopics());
  const missing = specs.filter((spec) => !existing.has(spec.topic));
  if (missing.length === 0) return;
  const { brokers } = await admin.describeCluster();
  const replicationFactor = copies.replication ?? Math.min(COPIES, brokers.length);
  if (replicationFactor > brokers.length) {
    throw new Error(
      `KAFKA_REPLICATION: is ${replicationFactor}, and Kafka has ${brokers.length} broker(s) now: start the others, or set fewer`,
    );
  }
  const minInSync = copies.minInSync ?? (replicationFactor >= COPIES ? COPIES - 1 : null);
  if (minInSync !== null && minInSync > replicationFactor) {
    throw new Error(
      `KAFKA_MIN_INSYNC_REPLICAS: is ${minInSync}, with ${replicationFactor} cop(ies) of a topic no message would be acknowledged`,
    );
  }
  const safety: Record<string, string> =
    minInSync === null ? {} : { 'min.insync.replicas': String(minInSync), 'unclean.leader.election.enable': 'false' };
  await admin.createTopics({
    // The client's own wait fails when the broker has not heard yet of what its controller created.
    waitForLeaders: false,
    topics: missing.map(({ topic, partitions, config }) => ({
      topic,
      numPartitions: partitions,
      replicationFactor,
      configEntries: Object.entries({ ...safety, ...config }).map(([name, value]) => ({ name, value })),
    })),
  });
  const isMissing = (known: string[]): boolean => missing.some(({ topic }) => !known.includes(topic));
  while (isMissing(await admin.listTopics())) await delay(POLL_MS);
  for (const { topic } of missing) while (!(await isServed(admin, topic))) await delay(POLL_MS);
}

/**
 * Lets a user read topics, as a member of groups whose names begin with the prefix. Rights that it has stay. Idempotent.
 * To be used where nothing is allowed that no rule allows.
 */
export async function letRead(
  admin: Admin,
  user: string,
  topics: readonly string[],
  groupPrefix: string,
): Promise<void> {
  const resources = [
    ...topics.map((resourceName) => ({
      resourceType: AclResourceTypes.TOPIC,
      resourceName,
      resourcePatternType: ResourcePatternTypes.LITERAL,
    })),
    {
      resourceType: AclResourceTypes.GROUP,
      resourceName: groupPrefix,
      resourcePatternType: ResourcePatternTypes.PREFIXED,
    },
  ];
  const rule = { principal: `User:${user}`, host: '*', permissionType: AclPermissionTypes.ALLOW };
  const acl = [AclOperationTypes.READ, AclOperationTypes.DESCRIBE].flatMap((operation) =>
    resources.map((resource) => ({ ...resource, ...rule, operation })),
  );
  await admin.createAcls({ acl });
}

/** Whether the broker has taken up the lead of every partition: it may know a topic a moment earlier. */
async function isServed(admin: Admin, topic: string): Promise<boolean> {
  try {
    await admin.fetchTopicOffsets(topic);
    return true;
  } catch (error) {
    if ((error as { retriable?: boolean }).retriable) return false;
    throw error;
  }
}

/**
 * Throws if one is missing. To be asked before anything else names the topic: a broker may create what a client only
 * mentions, with settings of its own.
 */
export async function requireTopics(admin: Admin, topics: readonly string[]): Promise<void> {
  const existing = await admin.listTopics();
  const missing = topics.filter((topic) => !existing.includes(topic));
  if (missing.length === 0) return;
  // Those that this user may not see are not in the list either: named, they are refused.
  await admin.fetchTopicMetadata({ topics: missing }).catch((error: { type?: string }) => {
    if (error.type !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error;
  });
  throw new Error(`no topic ${missing.join(', ')} yet: "clickledger migrate" creates it`);
}

/** The least number of brokers that have a partition of each topic. */
export async function copiesOf(admin: Admin, topics: readonly string[]): Promise<Map<string, number>> {
  const { topics: known } = await admin.fetchTopicMetadata({ topics: [...topics] });
  return new Map(
    known.map(({ name, partitions }) => [name, Math.min(...partitions.map(({ replicas }) => replicas.length))]),
  );
}

/** Partitions and settings of topics that exist; settings are null for a user who may not read them. */
export async function topicFacts(admin: Admin, topics: readonly string[]) {
  const [settings, { topics: known }] = await Promise.all([
    settingsOf(admin, topics),
    admin.fetchTopicMetadata({ topics: [...topics] }),
  ]);
  return known.map(({ name, partitions }) => ({
    topic: name,
    partitions: partitions.length,
    settings: settings?.get(name) ?? null,
  }));
}

async function settingsOf(admin: Admin, topics: readonly string[]): Promise<Map<string, Map<string, string>> | null> {
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: topics.map((name) => ({ type: ConfigResourceTypes.TOPIC, name })),
    });
    return new Map(
      resources.map(({ resourceName, configEntries }) => [
        resourceName,
        new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
      ]),
    );
  } catch (error) {
    if (String((error as { type?: unknown }).type).endsWith('AUTHORIZATION_FAILED')) return null;
    throw error;
  }
}

/** Partition → offset behind the last message. */
export async function endOffsets(admin: Admin, topic: string): Promise<Map<number, number>> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return new Map(offsets.map(({ partition, high }) => [partition, Number(high)]));
}

interface CommittedOffset {
  offset: number;
  metadata: string;
}

/** What a group has committed; partitions without a commit are absent. */
export async function committedOffsets(
  admin: Admin,
  groupId: string,
  topic: string,
): Promise<Map<number, CommittedOffset>> {
  const [entry] = await admin.fetchOffsets({ groupId, topics: [topic] });
  const committed = new Map<number, CommittedOffset>();
  for (const { partition, offset, metadata } of entry?.partitions ?? []) {
    if (Number(offset) >= 0) committed.set(partition, { offset: Number(offset), metadata: metadata ?? '' });
  }
  return committed;
}

/** End offsets of several topics, by the names of their logs: `clicks-3` → offset. */
export async function endOffsetsOf(
  admin: Admin,
  topics: readonly string[],
  names = FIRST_NAMES,
): Promise<Map<string, number>> {
  const ends = await Promise.all(
    topics.map(async (topic) =>
      [...(await endOffsets(admin, topic))].map(([partition, end]) => [names.of(topic, partition).name, end] as const),
    ),
  );
  return new Map(ends.flat());
}

/** What a group has committed in several topics, by the names of their logs: `clicks-3` → commit. */
export async function committedOffsetsOf(
  admin: Admin,
  groupId: string,
  topics: readonly string[],
  names = FIRST_NAMES,
): Promise<Map<string, CommittedOffset>> {
  const commits = await Promise.all(
    topics.map(async (topic) => {
      const committed = await committedOffsets(admin, groupId, topic);
      return [...committed].flatMap(([partition, entry]) => {
        const log = names.of(topic, partition);
        const own = committedOf(log, entry);
        return own ? [[log.name, own] as const] : [];
      });
    }),
  );
  return new Map(commits.flat());
}
