import type { ReconciliationVerdict } from '../../domain/batch_run.ts';
import type { Cut } from '../../domain/cut.ts';
import { topicPartition } from '../../domain/names.ts';
import type { Manifest } from '../archive/files/manifest.ts';

/** @param unexplained clicks, in absolute numbers */
export function verdictOf(unexplained: number, limit: number, raw: 'kept' | 'gone'): ReconciliationVerdict {
  if (unexplained > limit) return 'blocked';
  if (raw === 'gone') return 'unattributable';
  return unexplained === 0 ? 'balanced' : 'tolerated';
}

/** The earliest possible arrival of a day's clicks below the cut; null if there are none. */
export function firstArrivalMs(manifests: Iterable<Manifest>, day: string, cut: Cut): number | null {
  let first: number | null = null;
  for (const { topic, partition, files, arrived_from } of manifests) {
    const below = cut[topicPartition(topic, partition)] ?? 0;
    const hasDay = files.some((file) => file.day === day && file.min_topic_offset < below);
    if (hasDay && (first === null || arrived_from < first)) first = arrived_from;
  }
  return first;
}

/**
 * Raw clicks are `gone` if some are missing that arrived before those that are all kept. Missing ones that came later are
 * lost, which reconciliation must find.
 * @param missing archived rows of the day below the cut without a row in the real-time path
 */
export const rawOf = (firstMs: number | null, missing: number, sinceMs: number): 'kept' | 'gone' =>
  firstMs !== null && firstMs < sinceMs && missing > 0 ? 'gone' : 'kept';
