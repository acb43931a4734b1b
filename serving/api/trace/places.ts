import { partitionOf } from '../../../domain/click/partition.ts';
import { type EventKind, eventTopics } from '../../../domain/event_kinds.ts';
import type { Config } from '../../../infra/config.ts';
import { readPartitionNames } from '../../../infra/register/partition_names.ts';
import type { Register } from '../../../infra/register/register.ts';

/** The partitions that all copies of an event id are in: copies meet in one of each topic. */
export const placesOf =
  ({ partitions, regions }: Pick<Config, 'partitions' | 'regions'>, register: Register) =>
  async (event: EventKind, eventId: string): Promise<string[]> => {
    const names = await readPartitionNames(register);
    const partition = partitionOf(eventId, partitions[event]);
    return eventTopics(event, regions).flatMap((topic) => names.all(topic, partition));
  };
