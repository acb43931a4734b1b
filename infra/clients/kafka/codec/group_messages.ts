import { Records } from './records.ts';

export interface Grouping<Message> {
  topic: string;
  partitionMetadata: unknown[];
  messages: Message[];
  partitioner(of: { topic: string; partitionMetadata: unknown[]; message: Message }): number;
}

/** Messages by partition; kafkajs copies what a partition has for each of them. `Records` have theirs already. */
export function groupMessages<M>({ topic, partitionMetadata, messages, partitioner }: Grouping<M>) {
  const groups: Record<number, M[] | Records> = {};
  if (partitionMetadata.length === 0) return groups;
  for (const message of messages) {
    if (message instanceof Records) {
      groups[message.partition] = message;
      continue;
    }
    const partition = partitioner({ topic, partitionMetadata, message });
    const group = groups[partition];
    if (Array.isArray(group)) group.push(message);
    else groups[partition] = [message];
  }
  return groups;
}
