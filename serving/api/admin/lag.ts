import { type EventKind, eventTopics } from '../../../domain/event_kinds.ts';
import { groupsOf, minutesName, topsName } from '../../../domain/names.ts';
import { type Admin, committedOffsets, requireTopics } from '../../../infra/clients/kafka.ts';
import { withTimeout } from '../../../infra/with_timeout.ts';
import { ENGINE_LIMIT_MS, engineCall } from '../stores/engines.ts';

/** Unread messages of each group: topic → group → messages. */
export type Lags = Record<string, Record<string, number>>;
export type ReadLags = () => Promise<Lags>;

/**
 * Connects on the first call, not at start: the API answers counts without Kafka. Concurrent calls share one request to
 * Kafka.
 */
export function createLagReader(admin: Admin, regions: readonly string[], kinds: readonly EventKind[]): ReadLags {
  const readers = kinds.flatMap((event): [topic: string, groups: string[]][] => {
    const { sink, archive, indexer, tops } = groupsOf(event);
    return [
      ...eventTopics(event, regions).map((topic): [string, string[]] => [topic, [sink, archive]]),
      [minutesName(event), [indexer]],
      [topsName(event), [tops]],
    ];
  });
  const counted = kinds.flatMap((event) => eventTopics(event, regions));
  let connected: Promise<void> | undefined;
  let underWay: Promise<Lags> | undefined;
  const read = async (): Promise<Lags> => {
    connected ??= admin.connect().then(() => requireTopics(admin, counted));
    await connected.catch((error: unknown) => {
      connected = undefined;
      throw error;
    });
    const topics = readers.map(async ([topic, groups]) => [topic, await lagsOf(admin, topic, groups)]);
    return Object.fromEntries(await Promise.all(topics));
  };
  return () => {
    underWay ??= read().finally(() => {
      underWay = undefined;
    });
    return engineCall('kafka', withTimeout(underWay, ENGINE_LIMIT_MS, noAnswer));
  };
}

async function lagsOf(admin: Admin, topic: string, groups: string[]): Promise<Record<string, number>> {
  const offsets = await admin.fetchTopicOffsets(topic);
  const lags = groups.map(async (group) => {
    const committed = await committedOffsets(admin, group, topic);
    const left = offsets.map(({ partition, low, high }) => {
      return Number(high) - (committed.get(partition)?.offset ?? Number(low));
    });
    return [group, left.reduce((sum, messages) => sum + messages, 0)];
  });
  return Object.fromEntries(await Promise.all(lags));
}

function noAnswer(): never {
  throw new Error(`no answer in ${ENGINE_LIMIT_MS / 1000} s`);
}
