import type { Cut } from '../../domain/cut.ts';
import { topicPartition } from '../../domain/names.ts';
import { isRenamedTopic } from '../../domain/partition_names.ts';
import { archivedPartitions, chainEnd, type Manifest, manifestsOf } from './files/manifest.ts';

/** One partition of the archive: messages below its end, and how many of them its manifests account for. */
interface Chain {
  end: number;
  accounted: number;
}

export interface ArchiveTotals {
  rows: number;
  rejected: number;
  /** `clicks-3` → its chain. If the two numbers differ, a manifest is missing or was changed. */
  chains: Map<string, Chain>;
}

export const noTotals = (): ArchiveTotals => ({ rows: 0, rejected: 0, chains: new Map() });

/** Manifests of a partition must come in offset order. */
export function addTo(totals: ArchiveTotals, { topic, partition, from, to, rows, rejected, lost = 0 }: Manifest): void {
  const name = topicPartition(topic, partition);
  // A log that goes on under a new name begins where the old one was left.
  const before = totals.chains.get(name)?.accounted ?? (isRenamedTopic(topic) ? from : 0);
  const accounted = before + rows + rejected + lost;
  totals.chains.set(name, { end: to, accounted });
  totals.rows += rows;
  totals.rejected += rejected;
}

export function archiveTotals(archiveDir: string): ArchiveTotals {
  const totals = noTotals();
  for (const manifest of manifestsOf(archiveDir)) addTo(totals, manifest);
  return totals;
}

/** How far each partition is archived, from its last manifest alone. */
export function chainEnds(archiveDir: string): Cut {
  const ends: Cut = {};
  for (const { topic, partition } of archivedPartitions(archiveDir)) {
    ends[topicPartition(topic, partition)] = chainEnd(archiveDir, topic, partition) ?? 0;
  }
  return ends;
}

/**
 * Days with clicks that their published run has not counted, in order: those at or after its cut, and all clicks of a
 * day without a run.
 * @param cuts day → cut of its published run
 */
export function dirtyDays(manifests: Iterable<Manifest>, cuts: ReadonlyMap<string, Cut>): string[] {
  const dirty = new Set<string>();
  for (const { topic, partition, files } of manifests) {
    const name = topicPartition(topic, partition);
    for (const { day, max_topic_offset } of files) {
      if (max_topic_offset >= (cuts.get(day)?.[name] ?? 0)) dirty.add(day);
    }
  }
  return [...dirty].sort();
}
