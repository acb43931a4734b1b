import { InvalidArgumentError } from 'commander';

/** `clicks-0`, `impressions.eu-3`: a partition of a topic. */
export function partitionArgument(text: string): { topic: string; partition: number } {
  const [, topic, partition] = /^(.+)-(\d{1,6})$/.exec(text) ?? [];
  if (topic === undefined) throw new InvalidArgumentError('expected topic and partition, such as clicks-0.');
  return { topic, partition: Number(partition) };
}
