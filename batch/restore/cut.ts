import type { Cut } from '../../domain/cut.ts';
import { placeOf, topicPartition } from '../../domain/names.ts';
import type { CutFacts } from '../../domain/restored.ts';
import { lastManifest, type Manifest } from '../archive/files/manifest.ts';
import { chainEnds } from '../archive/totals.ts';
import { countedNow } from '../run/arrived.ts';
import type { BatchEngines } from '../run/engines.ts';

/**
 * Real time is filled as far as both the archive and the sink had come: what the archive has beyond may hold messages that
 * nobody has told of as rejected yet, and what the sink had counted beyond, it counts again from Kafka.
 */
export async function decideCut(engines: BatchEngines, manifests: Iterable<Manifest>): Promise<CutFacts> {
  const { archiveDir } = engines;
  const counted = await countedNow(engines);
  const facts: CutFacts = { cut: cutOf(chainEnds(archiveDir), counted), counted, positions: {} };
  const rejected = rejectedByLog(manifests);
  for (const [name, offset] of Object.entries(facts.cut)) {
    const { topic, partition } = placeOf(name);
    const last = lastManifest(archiveDir, topic, partition);
    if (last === null || last.to !== offset || offset === counted[name]) continue;
    const { last: before = null, arrived_to: arrivedMs } = last;
    facts.positions[name] = { offset, arrivedMs, rejected: rejected.get(name) ?? 0, before };
  }
  return facts;
}

/**
 * @param ends how far each log is archived
 * @param counted how far the sink had counted it; logs that it left for another name, and those of topics that were removed,
 *   are absent: all of them that is archived
 */
export const cutOf = (ends: Cut, counted: Cut): Cut =>
  Object.fromEntries(Object.entries(ends).map(([name, end]) => [name, Math.min(end, counted[name] ?? end)]));

function rejectedByLog(manifests: Iterable<Manifest>): Map<string, number> {
  const rejected = new Map<string, number>();
  for (const manifest of manifests) {
    const name = topicPartition(manifest.topic, manifest.partition);
    rejected.set(name, (rejected.get(name) ?? 0) + manifest.rejected);
  }
  return rejected;
}
