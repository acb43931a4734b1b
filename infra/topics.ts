import { eventTopics } from '../domain/event_kinds.ts';
import { minutesName, TOPICS, topsName } from '../domain/names.ts';
import { DAY_MS, HOUR_MS } from '../domain/time.ts';
import type { TopicSpec } from './clients/kafka.ts';
import type { Config } from './config.ts';

/** Enough for real-time partitions beside the last one, which belongs to the runs (see domain/ad_minutes.ts). */
export const AD_MINUTES_PARTITIONS = 4;

/** How long Kafka keeps what happened, and lines that were rejected. */
export const KEPT_MS = 7 * DAY_MS;

/**
 * What analysts may read in the embedded Kafka: events and counts. Rejected lines hold anything that stood in a log, and
 * are for admins in the API too.
 */
export const analystTopics = ({ eventKinds, regions }: Pick<Config, 'eventKinds' | 'regions'>): string[] =>
  eventKinds.flatMap((event) => [...eventTopics(event, regions), minutesName(event), topsName(event)]);

export function topicSpecs({
  partitions,
  eventKinds,
  regions,
}: Pick<Config, 'partitions' | 'eventKinds' | 'regions'>): TopicSpec[] {
  return [
    ...eventKinds.flatMap((event) => [
      ...eventTopics(event, regions).map((topic) => ({
        topic,
        partitions: partitions[event],
        // Arrival is the broker's append time: the same for every reader.
        config: { 'message.timestamp.type': 'LogAppendTime', 'retention.ms': String(KEPT_MS) },
      })),
      { topic: minutesName(event), partitions: AD_MINUTES_PARTITIONS, config: { 'retention.ms': String(3 * DAY_MS) } },
      // One partition keeps their order (see domain/tops.ts); older messages are of no use.
      { topic: topsName(event), partitions: 1, config: { 'retention.ms': String(DAY_MS) } },
    ]),
    // As long as events: the nightly role puts them into files of the archive, where they are kept longer.
    { topic: TOPICS.rejected, partitions: 1, config: { 'retention.ms': String(KEPT_MS) } },
    {
      topic: TOPICS.clock,
      partitions: 1,
      // Nobody reads it. A segment that is being written to is never deleted, so it is closed after an hour.
      config: {
        'message.timestamp.type': 'LogAppendTime',
        'retention.ms': String(HOUR_MS),
        'segment.ms': String(HOUR_MS),
      },
    },
  ];
}
