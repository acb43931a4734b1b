import type { Admin, Kafka } from '../../infra/clients/kafka.ts';
import { type RejectedMessage, readRejectedFile, rejectedManifests } from '../../infra/rejected/files.ts';
import { readOffsets, unfiledOf } from '../../infra/rejected/topic.ts';
import { digest } from './digest.ts';
import { type Rejection, readRejection } from './rejection.ts';

export interface RejectedSource {
  kafka: Kafka;
  admin: Admin;
  /** Whose files have what was rejected longer ago. */
  archiveDir: string;
}

/**
 * Reads what was rejected: from the files of the archive, and from the topic what is in no file yet, up to its current end,
 * in order, a batch at a time; messages that arrive meanwhile are not passed.
 * @param take awaited before more is read
 */
export async function readRejectedMessages(
  { kafka, admin, archiveDir }: RejectedSource,
  topic: string,
  take: (partition: number, messages: RejectedMessage[]) => Promise<void>,
): Promise<void> {
  // Before the files: what is put into one meanwhile is read from the topic, which still has it.
  const unfiled = await unfiledOf({ kafka, admin }, topic, archiveDir);
  for (const { partition, generation, from, files } of rejectedManifests(archiveDir, topic)) {
    const rest = unfiled.get(partition);
    // Put into a file since.
    if (rest && (generation > rest.generation || (generation === rest.generation && from >= rest.from))) continue;
    for (const file of files) await take(partition, await readRejectedFile(archiveDir, file));
  }
  await readOffsets({ kafka, admin }, topic, unfiled, take);
}

/** The same as rejections. One with several messages (it is sent again after a crash, under the same key) is passed once. */
export async function readRejections(
  source: RejectedSource,
  topic: string,
  take: (rejections: Rejection[]) => Promise<void>,
): Promise<void> {
  const met = new Set<string>();
  const isFirst = ({ key }: Rejection): boolean => met.size < met.add(digest(key)).size;
  await readRejectedMessages(source, topic, (partition, messages) =>
    take(messages.map((message) => readRejection(topic, partition, message)).filter(isFirst)),
  );
}
