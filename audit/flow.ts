/** The click topics, and the groups that read them and their counts. */
export interface Flow {
  topics: readonly string[];
  sinkGroup: string;
  archiveGroup: string;
  indexerGroup: string;
}
