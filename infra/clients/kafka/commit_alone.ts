import type { Admin, Kafka } from 'kafkajs';
import { withTimeout } from '../../with_timeout.ts';
import { committedOffsets } from './admin.ts';
import { createMember } from './consumer.ts';

const JOIN_LIMIT_MS = 60_000;

/** Whether any process is a member of the group. */
export async function hasMembers(admin: Admin, groupId: string): Promise<boolean> {
  const { groups } = await admin.describeGroups([groupId]);
  return groups.some(({ state }) => state !== 'Empty' && state !== 'Dead');
}

export interface Commit {
  topic: string;
  partition: number;
  offset: number;
  metadata: string;
}

/**
 * Commits offsets for a group that has no member, by being its only one for a moment. (Kafkajs sets offsets without their
 * metadata.) Throws unless the group has all of them afterwards.
 * @param reads the highest version of messages that members of the group tell
 */
export async function commitAlone(
  { kafka, admin }: { kafka: Kafka; admin: Admin },
  { groupId, topics, reads }: { groupId: string; topics: string[]; reads: number },
  commits: Commit[],
): Promise<void> {
  let crashed: (error: Error) => void = () => {};
  const crash = new Promise<never>((_, reject) => {
    crashed = reject;
  });
  const consumer = createMember(kafka, { groupId, maxWaitMs: 100, reads, onCrash: (error) => crashed(error) });
  const joined = new Promise<void>((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, () => {
      consumer.pause(topics.map((topic) => ({ topic })));
      resolve();
    });
  });
  await consumer.connect();
  try {
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: async () => {} });
    await withTimeout(Promise.race([joined, crash]), JOIN_LIMIT_MS, () => {
      throw new Error(`Kafka did not let the group ${groupId} be joined`);
    });
    await consumer.commitOffsets(commits.map(({ offset, ...rest }) => ({ ...rest, offset: String(offset) })));
  } finally {
    await consumer.disconnect();
  }
  for (const topic of topics) {
    const committed = await committedOffsets(admin, groupId, topic);
    const wrong = commits.find(
      (one) =>
        one.topic === topic &&
        (committed.get(one.partition)?.offset !== one.offset ||
          committed.get(one.partition)?.metadata !== one.metadata),
    );
    if (wrong)
      throw new Error(`Kafka has not taken offset ${wrong.offset} of ${topic}-${wrong.partition} for ${groupId}`);
  }
}
