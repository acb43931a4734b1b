import { type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ArchivedFile, manifestsOf } from '../../batch/archive/manifest.ts';
import { type ArchiveTotals, addTo, noTotals } from '../../batch/archive/totals.ts';
import { topicPartition } from '../../domain/names.ts';
import type { RowsBelow } from './below.ts';
import type { Floor } from './counted.ts';
import { type Conservation, Tally } from './rule.ts';

interface ArchiveFacts extends ArchiveTotals {
  /** `clicks-3` → where the messages begin that arrived since the given time, as far as a manifest says it. */
  floors: Map<string, Floor>;
  rules: Conservation[];
}

/**
 * Reads every manifest once, and looks at every file's size.
 * @param committed how far the archive has said that it is, read before: without a last manifest nothing else tells
 */
export function lookAtArchive(
  archiveDir: string,
  committed: ReadonlyMap<string, { offset: number }>,
  sinceMs: number,
  below: RowsBelow,
): ArchiveFacts {
  const totals = noTotals();
  const floors = new Map<string, Floor>();
  const sizes = new Tally();
  for (const manifest of manifestsOf(archiveDir)) {
    const name = topicPartition(manifest.topic, manifest.partition);
    if (manifest.arrived_from < sinceMs) {
      const rejected = (floors.get(name)?.rejected ?? 0) + manifest.rejected;
      floors.set(name, { offset: manifest.to, rejected });
    }
    addTo(totals, manifest);
    below.add(name, manifest.files);
    for (const file of manifest.files) sizes.add(file.path, bytesOf(archiveDir, file), file.bytes);
  }
  const chains = new Tally();
  for (const name of new Set([...totals.chains.keys(), ...committed.keys()])) {
    const { end = 0, accounted = 0 } = totals.chains.get(name) ?? {};
    chains.add(name, Math.max(end, committed.get(name)?.offset ?? 0), accounted);
  }
  return {
    ...totals,
    floors,
    rules: [
      chains.rule(
        'messages archived = archived rows + messages rejected',
        'a manifest is missing or was changed, or messages expired in Kafka before they were archived: stop the archive role, restore DATA_DIR/archive/manifests from a backup, and rebuild the days concerned',
      ),
      sizes.rule(
        'bytes in archived files = bytes in their manifests',
        'archived files are missing or were changed: restore them from a backup; until then their days cannot be rebuilt, and the runs that were published stay as they are',
      ),
    ],
  };
}

/** Between the manifest and the renaming a file is still where it was written. */
function bytesOf(archiveDir: string, { path, aside }: ArchivedFile): number {
  const stat = (name: string): Stats | undefined => statSync(join(archiveDir, name), { throwIfNoEntry: false });
  return (stat(path) ?? stat(aside) ?? stat(path))?.size ?? 0;
}
