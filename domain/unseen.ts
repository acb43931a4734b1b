/** The finding that the indexer never saw messages of the second queue; settled by the night that publishes the days. */
export const UNSEEN_CODE = 'messages_not_seen';
export const unseenFinding = (topicPartition: string): string => `indexer-${topicPartition}`;
