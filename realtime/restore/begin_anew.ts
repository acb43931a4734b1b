import { WIRE_VERSIONS } from '../../domain/click/wire.ts';
import type { EventKind } from '../../domain/event_kinds.ts';
import { topicPartition } from '../../domain/names.ts';
import type { PartitionNames } from '../../domain/partition_names.ts';
import { type Admin, type Commit, commitAlone, endOffsets, type Kafka } from '../../infra/clients/kafka.ts';
import { encodeMetadata, NOTHING_COUNTED } from '../sink/intent.ts';

interface Engines {
  event: EventKind;
  kafka: Kafka;
  admin: Admin;
  /** With the names of the new logs. */
  names: PartitionNames;
  topics: readonly string[];
  sinkGroup: string;
}

/**
 * Has the next sink begin with topics that were made anew. It remembers what had arrived before: copies of that are still
 * copies, and minutes that were closed stay closed. The group must have no member. Idempotent until the sink has begun.
 * @param arrivedMs when the last message of each partition had arrived, by its name in Kafka; absent: none had
 */
export async function beginAnew(engines: Engines, arrivedMs: ReadonlyMap<string, number>): Promise<void> {
  const { event, admin, names, topics, sinkGroup } = engines;
  const commits: Commit[] = [];
  for (const topic of topics) {
    for (const partition of (await endOffsets(admin, topic)).keys()) {
      const { generation } = names.of(topic, partition);
      const arrived = arrivedMs.get(topicPartition(topic, partition)) ?? null;
      const metadata = encodeMetadata({ ...NOTHING_COUNTED, generation, arrivedMs: arrived });
      commits.push({ topic, partition, offset: 0, metadata });
    }
  }
  await commitAlone(
    engines,
    { groupId: sinkGroup, topics: [...topics], reads: WIRE_VERSIONS[event].annotated },
    commits,
  );
}
