import { z } from 'zod';
import { count, time } from './fields.ts';
import { placeOf, topicPartition } from './names.ts';

/** From this offset on the messages of a partition are counted under a new name. */
export const renamed = z.object({ from: count, reason: z.string(), requested_by: z.string(), at: time });
export type Renamed = z.infer<typeof renamed>;

/** The log that a partition has now. */
interface NamedLog {
  /** `clicks-0`, later `clicks~2-0`: column topic_partition, cuts, manifests and tokens have it. */
  name: string;
  /** The part of it before the partition: `clicks`, `clicks~2`. */
  topic: string;
  /** 1, 2, … */
  generation: number;
  /** Its first offset. */
  from: number;
}

/**
 * The names that messages are counted under. Kafka gives an offset out again when a log lost its end or a topic was made
 * anew; here an offset of a name is used once. So such a partition goes on under a new name, from its first offset that
 * was not counted. What was counted under the old one stays.
 */
export class PartitionNames {
  readonly #renamed: ReadonlyMap<string, readonly Renamed[]>;

  /** @param renamed by partition (`clicks-0`), in order */
  constructor(renamed: ReadonlyMap<string, readonly Renamed[]>) {
    this.#renamed = renamed;
  }

  of(topic: string, partition: number): NamedLog {
    const before = this.#renamed.get(topicPartition(topic, partition)) ?? [];
    const generation = before.length + 1;
    const named = topicOfGeneration(topic, generation);
    return { name: topicPartition(named, partition), topic: named, generation, from: before.at(-1)?.from ?? 0 };
  }

  /** The names of a partition so far, the first one first. */
  all(topic: string, partition: number): string[] {
    const { generation } = this.of(topic, partition);
    return Array.from({ length: generation }, (_, i) => topicPartition(topicOfGeneration(topic, i + 1), partition));
  }

  /** The first offset of a log, by its name. */
  firstOf(name: string): number {
    const log = placeOf(name);
    for (const [place, renamed] of this.#renamed) {
      const { topic, partition } = placeOf(place);
      const i = renamed.findIndex((_, i) => topicOfGeneration(topic, i + 2) === log.topic);
      if (i >= 0 && partition === log.partition) return renamed[i]?.from ?? 0;
    }
    return 0;
  }

  /** Logs that go on under another name. */
  left(): string[] {
    return [...this.#renamed.keys()].flatMap((place) => {
      const { topic, partition } = placeOf(place);
      return this.all(topic, partition).slice(0, -1);
    });
  }
}

/** `clicks`, `clicks~2`, … */
export const topicOfGeneration = (topic: string, generation: number): string =>
  generation === 1 ? topic : `${topic}~${generation}`;

/** The partition whose log this is, and which of its logs: `clicks-0` and 2 of `clicks~2-0`. */
export function logOf(topic: string, partition: number): { of: string; generation: number } {
  const [first = '', generation = '1'] = topic.split('~');
  return { of: topicPartition(first, partition), generation: Number(generation) };
}

/** No partition was ever renamed. */
export const FIRST_NAMES = new PartitionNames(new Map());

/** Whether a log of this topic begins where another one was left, not at 0. */
export const isRenamedTopic = (topic: string): boolean => topic.includes('~');

const generated = z.object({ generation: z.int().min(1) });

/** The generation that the metadata of a committed offset is of; 1 where it says nothing. */
export function generationOf(metadata: string): number {
  if (metadata === '') return 1;
  try {
    return generated.safeParse(JSON.parse(metadata)).data?.generation ?? 1;
  } catch {
    return 1;
  }
}

/** What a group has committed of a log: of an earlier one's offsets nothing counts for it. */
export const committedOf = (
  { generation, from }: NamedLog,
  committed: { offset: number; metadata: string } | undefined,
): { offset: number; metadata: string } | undefined => {
  if (generationOf(committed?.metadata ?? '') === generation) return committed;
  return { offset: from, metadata: '' };
};
