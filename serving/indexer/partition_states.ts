import type { FiltersSince } from '../../domain/ad_minutes.ts';
import { replaces } from '../../domain/message_version.ts';
import type { ElasticsearchClient } from '../../infra/clients/elasticsearch.ts';
import {
  announcedIn,
  type PartitionDoc,
  partitionDoc,
  readVersionedDoc,
  type VersionedDoc,
  writeIfUnchanged,
} from '../documents/state.ts';
import type { Position } from './reading.ts';

/** Another copy of the indexer changed the state of a partition, or an older copy of Elasticsearch was restored. */
export class ChangedElsewhereError extends Error {}

/** The state documents of the partitions of a topic that this process reads. */
export class PartitionStates {
  readonly #known = new Map<number, VersionedDoc<PartitionDoc>>();
  readonly #elasticsearch: ElasticsearchClient;
  readonly #stateIndex: string;
  readonly #idOf: (partition: number) => string;

  constructor(elasticsearch: ElasticsearchClient, stateIndex: string, idOf: (partition: number) => string) {
    this.#elasticsearch = elasticsearch;
    this.#stateIndex = stateIndex;
    this.#idOf = idOf;
  }

  /** As it is now: to be called whenever the partition may have been read by another copy. Null: there is none yet. */
  async open(partition: number): Promise<PartitionDoc | null> {
    const found = await readVersionedDoc(this.#elasticsearch, partitionDoc, this.#stateIndex, this.#idOf(partition));
    this.#known.set(partition, found);
    return found.document;
  }

  /** As this process left it, or opened it. */
  async get(partition: number): Promise<PartitionDoc | null> {
    const known = this.#known.get(partition);
    return known === undefined ? this.open(partition) : known.document;
  }

  /** Throws a ChangedElsewhereError if it is not what `get` gives. */
  async put(partition: number, document: PartitionDoc): Promise<void> {
    const before = await this.get(partition).then(() => this.#known.get(partition));
    const id = this.#idOf(partition);
    const written = await writeIfUnchanged(
      this.#elasticsearch,
      this.#stateIndex,
      id,
      before?.version ?? null,
      document,
    );
    if (written === null) {
      this.#known.delete(partition);
      throw new ChangedElsewhereError(`document ${id} of ${this.#stateIndex} was changed by somebody else`);
    }
    this.#known.set(partition, { document, version: written });
  }
}

/** Where to read on: at the beginning of the topic if nothing was applied. */
export const positionIn = (doc: PartitionDoc | null): Position => ({
  next: doc?.next_offset ?? 0,
  before: doc?.before ?? null,
});

/** @param position undefined: it is not known, and left as it is */
export const withPosition = (doc: PartitionDoc, position: Position | undefined): PartitionDoc =>
  position ? { ...doc, next_offset: position.next, before: position.before } : doc;

interface Announcement {
  boundaryMs: number;
  watermarkMs: number;
  filters?: FiltersSince;
  version?: number;
}

/** The state after an announcement; the same state if that is older than the one it has. */
export function withAnnouncement(doc: PartitionDoc, announced: Announcement): PartitionDoc {
  const { boundaryMs, watermarkMs, filters = {}, version } = announced;
  const last = announcedIn(doc);
  if (last && !replaces(announced, { version: last.version, watermarkMs: last.watermark_ms })) return doc;
  const boundary = { boundary_ms: boundaryMs, watermark_ms: watermarkMs, filters };
  // What was never seen lies before it.
  const { unseen: _, version: __, ...position } = doc;
  return { ...position, ...boundary, ...(version !== undefined && { version }) };
}
