import { type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { localPath } from '../batch/archive/cold/readable.ts';
import { type ArchivedFile, manifestsOf } from '../batch/archive/files/manifest.ts';
import { type ArchiveTotals, addTo, noTotals } from '../batch/archive/totals.ts';
import { type EventKind, PLURAL } from '../domain/event_kinds.ts';
import { topicPartition } from '../domain/names.ts';
import type { PartitionNames } from '../domain/partition_names.ts';
import { sizesElsewhere, type WithHive } from './cold_sizes.ts';
import type { RowsBelow } from './rows_below_cut.ts';
import { type Rule, Tally } from './rule.ts';
import type { Floor } from './sink_totals.ts';

interface ArchiveFacts extends ArchiveTotals {
  /** `clicks-3` → the first message that arrived since the given time, as far as a manifest knows it. */
  floors: Map<string, Floor>;
  rules: Rule[];
}

/**
 * Reads every manifest once, and checks every file's size.
 * @param committed the archive's committed offsets, read before: needed to notice a missing last manifest
 */
export async function auditArchive(
  event: EventKind,
  archiveDir: string,
  { committed, names }: { committed: ReadonlyMap<string, { offset: number }>; names: PartitionNames },
  sinceMs: number,
  below: RowsBelow,
  withHive: WithHive,
): Promise<ArchiveFacts> {
  const totals = noTotals();
  const floors = new Map<string, Floor>();
  const sizes = new Tally();
  const elsewhere: ArchivedFile[] = [];
  for (const manifest of manifestsOf(archiveDir)) {
    const name = topicPartition(manifest.topic, manifest.partition);
    if (manifest.arrived_from < sinceMs) {
      const rejected = (floors.get(name)?.rejected ?? 0) + manifest.rejected;
      floors.set(name, { offset: manifest.to, rejected });
    }
    addTo(totals, manifest);
    below.add(name, manifest.files);
    for (const file of manifest.files) {
      const bytes = bytesOf(archiveDir, file);
      if (bytes === null) elsewhere.push(file);
      else sizes.add(file.path, bytes, file.bytes);
    }
  }
  const sizeOf = await sizesElsewhere(archiveDir, elsewhere, withHive);
  for (const file of elsewhere) {
    const bytes = sizeOf(file);
    if (bytes !== undefined) sizes.add(file.path, bytes, file.bytes);
  }
  const folder = event === 'click' ? 'DATA_DIR/archive' : `DATA_DIR/archive/${PLURAL[event]}`;
  const chains = new Tally();
  for (const name of new Set([...totals.chains.keys(), ...committed.keys()])) {
    const first = names.firstOf(name);
    const { end = first, accounted = first } = totals.chains.get(name) ?? {};
    chains.add(name, Math.max(end, committed.get(name)?.offset ?? 0), accounted);
  }
  return {
    ...totals,
    floors,
    rules: [
      chains.rule(
        'messages archived = archived rows + messages rejected',
        `a manifest is missing or was changed, or messages expired in Kafka before they were archived: stop the archive role, restore ${folder}/manifests from a backup, and rebuild the days concerned`,
      ),
      sizes.rule(
        'bytes in archived files = bytes in their manifests',
        'archived files are missing or were changed: restore them from a backup; until then their days cannot be rebuilt, and the runs that were published stay as they are',
      ),
    ],
  };
}

/** Null for a file in cold storage outside this machine. */
function bytesOf(archiveDir: string, file: ArchivedFile): number | null {
  const stat = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });
  const own = join(archiveDir, file.path);
  // Between writing the manifest and the rename, a file still has its temporary path; and its day may be moved
  // meanwhile.
  const found = stat(own) ?? stat(join(archiveDir, file.aside)) ?? stat(own);
  if (found) return found.size;
  const moved = localPath(archiveDir, file);
  return moved === null ? null : (stat(moved)?.size ?? 0);
}
