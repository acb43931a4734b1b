/** The topics that clicks are sent to, and the groups that read them and their counts. */
export interface Flow {
  topics: readonly string[];
  sinkGroup: string;
  archiveGroup: string;
  indexerGroup: string;
}
