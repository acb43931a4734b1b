import type { PartitionNames } from '../domain/partition_names.ts';

/** The click topics, and the groups that read them and their counts. */
export interface Flow {
  topics: readonly string[];
  sinkGroup: string;
  archiveGroup: string;
  indexerGroup: string;
  /** The names that messages of the topics are counted under. */
  names: PartitionNames;
}
