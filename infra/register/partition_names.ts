import { topicPartition } from '../../domain/names.ts';
import { PartitionNames, type Renamed, renamed } from '../../domain/partition_names.ts';
import { numbered, type Register } from './register.ts';

const LOGS = 'logs/';

/** @param isKnown leaves out later names: what logs were called before them */
export async function readPartitionNames(
  register: Register,
  isKnown: (entry: Renamed) => boolean = () => true,
): Promise<PartitionNames> {
  const byPartition = new Map<string, Renamed[]>();
  for (const key of await register.list(LOGS)) {
    const entry = await register.read(renamed, key);
    const [, partition] = key.split('/');
    if (entry === null || partition === undefined || !isKnown(entry)) continue;
    byPartition.set(partition, [...(byPartition.get(partition) ?? []), entry]);
  }
  return new PartitionNames(byPartition);
}

/** Gives a partition its next name. `taken`: somebody else has just done so. */
export const renamePartition = (
  register: Register,
  { topic, partition, generation }: { topic: string; partition: number; generation: number },
  entry: Renamed,
): Promise<'made' | 'taken'> =>
  register.create(`${LOGS}${topicPartition(topic, partition)}/${numbered(generation)}`, entry);
