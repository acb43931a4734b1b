import { type EventKind, eventTopics } from '../domain/event_kinds.ts';
import { groupsOf } from '../domain/names.ts';
import type { PartitionNames } from '../domain/partition_names.ts';

/** The topics of a kind of event, and the groups that read them and their counts. */
export interface Flow {
  event: EventKind;
  topics: readonly string[];
  sinkGroup: string;
  archiveGroup: string;
  indexerGroup: string;
  /** The names that messages of the topics are counted under. */
  names: PartitionNames;
}

/** The flow of a kind in a running platform. */
export function flowOf(event: EventKind, regions: readonly string[], names: PartitionNames): Flow {
  const { sink, archive, indexer } = groupsOf(event);
  const groups = { sinkGroup: sink, archiveGroup: archive, indexerGroup: indexer };
  return { event, topics: eventTopics(event, regions), ...groups, names };
}
