import { topicPartition } from '../../domain/names.ts';
import type { Cut } from '../cut.ts';
import { archivedPartitions, chainEnd, type Manifest, manifestsOf } from './manifest.ts';

interface ArchiveTotals {
  rows: number;
  rejected: number;
  /** Where the archive of each partition begins and ends; everything between is in `rows` or `rejected`. */
  starts: Cut;
  ends: Cut;
}

/** Adds up manifests. Throws if they are no chain: then clicks are missing or archived twice. */
export function totalsOf(manifests: Iterable<Manifest>): ArchiveTotals {
  const totals: ArchiveTotals = { rows: 0, rejected: 0, starts: {}, ends: {} };
  for (const { topic, partition, from, to, rows, rejected } of manifests) {
    const name = topicPartition(topic, partition);
    const end = totals.ends[name];
    if (end !== undefined && end !== from) {
      throw new Error(`the archive of ${name} is broken: a manifest ends at ${end} and the next begins at ${from}`);
    }
    if (rows + rejected !== to - from) {
      throw new Error(`the archive of ${name} is broken: offsets ${from} to ${to} hold ${rows} + ${rejected} messages`);
    }
    totals.starts[name] ??= from;
    totals.ends[name] = to;
    totals.rows += rows;
    totals.rejected += rejected;
  }
  return totals;
}

export const archiveTotals = (archiveDir: string): ArchiveTotals => totalsOf(manifestsOf(archiveDir));

/** How far each partition is archived, from its last manifest alone. */
export function chainEnds(archiveDir: string): Cut {
  const ends: Cut = {};
  for (const { topic, partition } of archivedPartitions(archiveDir)) {
    ends[topicPartition(topic, partition)] = chainEnd(archiveDir, topic, partition) ?? 0;
  }
  return ends;
}

/**
 * Days with clicks that their published run has not seen, in order: those beyond its cut, and all of a day without a
 * run.
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
