import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { count, day } from '../../../domain/fields.ts';
import { messageFingerprint } from '../../../domain/message_fingerprint.ts';
import { topicPartition } from '../../../domain/names.ts';
import { logOf } from '../../../domain/partition_names.ts';
import { createExclusively, readJsonIfThere } from '../../../infra/files.ts';

/** One Parquet file: the clicks of one event day from one range of one partition. Paths are relative to the archive. */
const archivedFileEntry = z.object({
  day,
  path: z.string(),
  /** Where the file was written before the manifest made it part of the archive. */
  aside: z.string(),
  rows: count,
  bytes: count,
  sha256: z.string(),
  min_topic_offset: count,
  max_topic_offset: count,
});
export type ArchivedFile = z.infer<typeof archivedFileEntry>;

/**
 * The result for the offsets `[from, to)` of a partition: `rows` clicks in `files`, and `rejected` invalid messages.
 * Arrival times are epoch milliseconds.
 */
const manifest = z.object({
  topic: z.string(),
  partition: count,
  from: count,
  to: count,
  rows: count,
  rejected: count,
  /** Messages that left Kafka before they were archived, and of which ClickHouse has no row either. */
  lost: count.exactOptional(),
  arrived_from: z.int(),
  arrived_to: z.int(),
  /** The message before `to`, which what is archived next must follow. Absent in manifests from before it existed. */
  last: messageFingerprint.exactOptional(),
  files: z.array(archivedFileEntry),
});
export type Manifest = z.infer<typeof manifest>;

export const paddedOffset = (offset: number): string => String(offset).padStart(20, '0');

const folderOf = (archiveDir: string, topic: string, partition: number): string =>
  join(archiveDir, 'manifests', topicPartition(topic, partition));

/** Null if no range starting at this offset was archived. */
export const readManifest = (archiveDir: string, topic: string, partition: number, from: number): Manifest | null =>
  readJsonIfThere(manifest, join(folderOf(archiveDir, topic, partition), `${paddedOffset(from)}.json`));

/**
 * The commit point of a range. Of several writers that start at the same offset one succeeds; the others get false and
 * must resume at its end. Since each writer starts at the end of a manifest, the manifests of a partition form one
 * chain without gaps or overlaps, however many processes believed they owned the partition.
 */
export function createManifest(archiveDir: string, ofRange: Manifest): boolean {
  const folder = folderOf(archiveDir, ofRange.topic, ofRange.partition);
  return createExclusively(join(folder, `${paddedOffset(ofRange.from)}.json`), ofRange);
}

/** The manifest entry of the file with this name in a day's folder; null if no manifest names it. */
export function archivedFile(archiveDir: string, ofDay: string, name: string): ArchivedFile | null {
  const [, topic, partition, from] = /^(.+)-(\d+)-(\d{20})-\d{20}\.parquet$/.exec(name) ?? [];
  if (topic === undefined) return null;
  const found = readManifest(archiveDir, topic, Number(partition), Number(from));
  return found?.files.find((file) => file.day === ofDay && basename(file.path) === name) ?? null;
}

/** The start offsets of manifests, in order. */
function startsOf(archiveDir: string, topic: string, partition: number): number[] {
  const folder = folderOf(archiveDir, topic, partition);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^\d{20}\.json$/.test(name))
    .sort()
    .map((name) => Number(name.slice(0, 20)));
}

/** The last manifest of a partition, null if nothing of it was archived. */
export function lastManifest(archiveDir: string, topic: string, partition: number): Manifest | null {
  const last = startsOf(archiveDir, topic, partition).at(-1);
  return last === undefined ? null : readManifest(archiveDir, topic, partition, last);
}

/** The offset to archive next, null if nothing of the partition was archived. */
export const chainEnd = (archiveDir: string, topic: string, partition: number): number | null =>
  lastManifest(archiveDir, topic, partition)?.to ?? null;

type ArchivedLog = Pick<Manifest, 'topic' | 'partition'>;

/**
 * The logs of all topics, including those removed from the settings: everything archived must be counted. Those of one
 * partition follow one another.
 */
export function archivedPartitions(archiveDir: string): ArchivedLog[] {
  const folder = join(archiveDir, 'manifests');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => {
      const [, topic, partition] = /^(.+)-(\d+)$/.exec(name) ?? [];
      return topic === undefined ? [] : [{ topic, partition: Number(partition) }];
    })
    .sort(inOrder);
}

function inOrder(one: ArchivedLog, other: ArchivedLog): number {
  const [a, b] = [logOf(one.topic, one.partition), logOf(other.topic, other.partition)];
  if (a.of === b.of) return a.generation - b.generation;
  return a.of < b.of ? -1 : 1;
}

/** When the first message of the archive arrived; null: nothing is archived yet. */
export function archiveBeganMs(archiveDir: string): number | null {
  const first = archivedPartitions(archiveDir).flatMap(({ topic, partition }) => {
    const [start] = startsOf(archiveDir, topic, partition);
    const found = start === undefined ? null : readManifest(archiveDir, topic, partition, start);
    return found === null ? [] : [found.arrived_from];
  });
  return first.length === 0 ? null : Math.min(...first);
}

/**
 * All manifests, one log after the other, each in offset order; one at a time in memory.
 * @param after manifests that end at this offset of their partition or before it are skipped
 */
export function* manifestsOf(archiveDir: string, after: Readonly<Record<string, number>> = {}): Generator<Manifest> {
  for (const { topic, partition } of archivedPartitions(archiveDir)) {
    const beyond = after[topicPartition(topic, partition)] ?? 0;
    const starts = startsOf(archiveDir, topic, partition);
    for (const [i, from] of starts.entries()) {
      if ((starts[i + 1] ?? Number.POSITIVE_INFINITY) <= beyond) continue;
      const found = readManifest(archiveDir, topic, partition, from);
      if (found) yield found;
    }
  }
}

/**
 * The same manifests. Throws where one is missing between two: its clicks would be lost unnoticed.
 * @param manifests of each partition in offset order
 */
export function* withoutGaps(manifests: Iterable<Manifest>): Generator<Manifest> {
  const ends = new Map<string, number>();
  for (const manifest of manifests) {
    const { topic, partition, from, to } = manifest;
    const name = topicPartition(topic, partition);
    const end = ends.get(name);
    if (end !== undefined && from !== end) {
      throw new Error(
        `the archive of ${name} has no manifest of offsets ${end} to ${from}: bring it back from a backup`,
      );
    }
    ends.set(name, to);
    yield manifest;
  }
}
