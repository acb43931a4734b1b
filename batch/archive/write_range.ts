import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { topicPartition } from '../../domain/names.ts';
import { hashFile } from './files/check_file.ts';
import { asideFolder, dayFolder, putInPlace } from './files/layout.ts';
import { type ArchivedFile, createManifest, type Manifest, paddedOffset, readManifest } from './files/manifest.ts';
import type { RangeBuffer } from './range.ts';

/** The part of a manifest that is known before its files are written. */
type RangeFacts = Omit<Manifest, 'files' | 'rows'>;

type Written =
  | { outcome: 'archived'; manifest: Manifest }
  /** Another writer archived the range from this offset on. */
  | { outcome: 'lost' }
  /** The caller cancelled it. */
  | { outcome: 'dropped' };

/**
 * Writes a range: temporary files, then its manifest (the commit point), then the files are moved to where readers look
 * for them.
 * @param isWanted checked between files; a back-fill may have thousands
 */
export async function writeRange(
  archiveDir: string,
  facts: RangeFacts,
  range: RangeBuffer,
  isWanted: () => boolean,
): Promise<Written> {
  try {
    return await write(archiveDir, facts, range, isWanted);
  } catch (error) {
    // The process that archived the range first may have removed our files while we wrote them.
    if (readManifest(archiveDir, facts.topic, facts.partition, facts.from) === null) throw error;
    return { outcome: 'lost' };
  }
}

async function write(
  archiveDir: string,
  facts: RangeFacts,
  range: RangeBuffer,
  isWanted: () => boolean,
): Promise<Written> {
  const { topic, partition, from, to } = facts;
  const folder = asideFolder(topic, partition, from, randomBytes(8).toString('hex'));
  const discard = () => rm(join(archiveDir, folder), { recursive: true, force: true });
  const files: ArchivedFile[] = [];
  if (range.rows > 0) mkdirSync(join(archiveDir, folder), { recursive: true });
  for (const { write, ...day } of range.days()) {
    if (!isWanted()) break;
    const aside = join(folder, `${day.day}.parquet`);
    const name = `${topicPartition(topic, partition)}-${paddedOffset(from)}-${paddedOffset(to)}.parquet`;
    await write(join(archiveDir, aside));
    files.push({
      ...day,
      aside,
      path: join(dayFolder(day.day), name),
      ...(await hashFile(join(archiveDir, aside), true)),
    });
  }
  if (!isWanted()) {
    await discard();
    return { outcome: 'dropped' };
  }
  const manifest = { ...facts, rows: range.rows, files };
  const written = files.reduce((sum, { rows }) => sum + rows, 0);
  if (written !== manifest.rows || manifest.rows + manifest.rejected + (manifest.lost ?? 0) !== to - from) {
    throw new Error(
      `${topicPartition(topic, partition)}, offsets ${from} to ${to}: ${manifest.rows} clicks and ${manifest.rejected} rejected were taken, ${written} clicks written`,
    );
  }
  if (files.length > 0) await syncFolder(join(archiveDir, folder));
  if (!createManifest(archiveDir, manifest)) {
    await discard();
    return { outcome: 'lost' };
  }
  putInPlace(archiveDir, manifest);
  return { outcome: 'archived', manifest };
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}
