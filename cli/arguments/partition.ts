import { InvalidArgumentError } from 'commander';

/** `clicks-0`, `clicks.eu-3`: a partition of a topic of clicks. */
export function partitionArgument(text: string): { topic: string; partition: number } {
  const [, topic, partition] = /^(.+)-(\d{1,6})$/.exec(text) ?? [];
  if (topic === undefined) throw new InvalidArgumentError('expected topic and partition, such as clicks-0.');
  return { topic, partition: Number(partition) };
}
