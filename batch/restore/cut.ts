import { z } from 'zod';
import { type Cut, cut } from '../../domain/cut.ts';
import { count } from '../../domain/fields.ts';
import { type MessageFingerprint, messageFingerprint } from '../../domain/message_fingerprint.ts';
import { placeOf, topicPartition } from '../../domain/names.ts';
import { committedOffsetsOf } from '../../infra/clients/kafka.ts';
import { readPartitionNames } from '../../infra/register/partition_names.ts';
import { lastManifest, type Manifest } from '../archive/files/manifest.ts';
import { chainEnds } from '../archive/totals.ts';
import type { BatchEngines } from '../run/engines.ts';

/** Where the sink goes on in a log, and what it must know of what is below. */
const position = z.object({
  offset: count,
  arrivedMs: z.int().nullable(),
  rejected: count,
  before: messageFingerprint.nullable(),
});

/** What was decided before anything was filled; a resumed restore fills the same. */
export const cutFacts = z.object({
  /** Real time is filled below it. */
  cut,
  /** What the sink had counted before ClickHouse was lost. */
  counted: cut,
  /** By log; of one that is absent, what the sink has committed itself holds at its cut. */
  positions: z.record(z.string(), position),
});
export type CutFacts = z.infer<typeof cutFacts>;

/**
 * Real time is filled as far as both the archive and the sink had come: what the archive has beyond may hold messages that
 * nobody has told of as rejected yet, and what the sink had counted beyond, it counts again from Kafka.
 */
export async function decideCut(engines: BatchEngines, manifests: Iterable<Manifest>): Promise<CutFacts> {
  const { archiveDir, admin, register, sinkGroup, topics } = engines;
  const names = await readPartitionNames(register);
  const committed = await committedOffsetsOf(admin, sinkGroup, topics.clicks, names);
  const counted: Cut = Object.fromEntries([...committed].map(([name, { offset }]) => [name, offset]));
  const facts: CutFacts = { cut: cutOf(chainEnds(archiveDir), counted), counted, positions: {} };
  const rejected = rejectedByLog(manifests);
  for (const [name, offset] of Object.entries(facts.cut)) {
    const { topic, partition } = placeOf(name);
    const last = lastManifest(archiveDir, topic, partition);
    if (last === null || last.to !== offset || offset === counted[name]) continue;
    const before: MessageFingerprint | null = last.last ?? null;
    facts.positions[name] = { offset, arrivedMs: last.arrived_to, rejected: rejected.get(name) ?? 0, before };
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
