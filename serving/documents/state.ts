import { errors, type estypes } from '@elastic/elasticsearch';
import { z } from 'zod';
import { filtersSince } from '../../domain/ad_minutes.ts';
import { count } from '../../domain/fields.ts';
import { messageFingerprint } from '../../domain/message_fingerprint.ts';
import { DAYS_ID } from '../../domain/names.ts';
import { parsed } from '../../domain/parse.ts';
import type { ElasticsearchClient } from '../../infra/clients/elasticsearch.ts';
import { type DaysDoc, daysDoc } from './days.ts';

/**
 * Documents of the state index. They are read by id only, never searched: a get sees a write at once. Versions are
 * external, so a late or repeated message cannot undo anything.
 */
export const boundaryId = (partition: number): string => `boundary-${partition}`;
export const currentId = (day: string): string => `current-${day}`;

/** The last announced boundary of a partition, up to which all rows are searchable. */
const boundaryDoc = z.object({
  boundary_ms: z.int(),
  watermark_ms: z.int(),
  /** Filters whose rows are included; absent in documents from before filters existed. */
  filters: filtersSince.exactOptional(),
  /** The announcement's version; absent if that had none (domain/message_version.ts). */
  version: count.exactOptional(),
});
type BoundaryDoc = z.infer<typeof boundaryDoc>;

/**
 * State of one partition of the second queue: what was announced on it, and how far it was applied. Whoever reads the
 * partition changes it by compare-and-set, so that of two readers one finds out.
 */
export const partitionDoc = z.object({
  ...boundaryDoc.shape,
  /** Absent before the first announcement, and on partitions that carry none. */
  boundary_ms: boundaryDoc.shape.boundary_ms.exactOptional(),
  watermark_ms: boundaryDoc.shape.watermark_ms.exactOptional(),
  /** The offset behind the last message that was applied; absent in documents from before it was kept. */
  next_offset: count.exactOptional(),
  /** The message before it; null: not known. */
  before: messageFingerprint.nullable().exactOptional(),
  /**
   * Messages before `next_offset` were never applied, and nothing was announced since: until then it is not known which
   * days lack their rows.
   */
  unseen: z.boolean().exactOptional(),
});
export type PartitionDoc = z.infer<typeof partitionDoc>;

/** What was announced on a partition; null: nothing yet. */
export function announcedIn(doc: PartitionDoc | null): BoundaryDoc | null {
  if (doc?.boundary_ms === undefined || doc.watermark_ms === undefined) return null;
  const { boundary_ms, watermark_ms, filters, version } = doc;
  return { boundary_ms, watermark_ms, ...(filters && { filters }), ...(version !== undefined && { version }) };
}

/** The announced run that answers for a day; 0: real time. */
export const currentDoc = z.object({ run: count, seq: count });
type CurrentDoc = z.infer<typeof currentDoc>;

export const statusOf = (error: unknown): number | undefined =>
  error instanceof errors.ResponseError ? error.statusCode : undefined;

/** The result, or null if Elasticsearch answers with this status. */
export async function unless<T>(status: number, work: Promise<T>): Promise<T | null> {
  return work.catch((error: unknown) => {
    if (statusOf(error) === status) return null;
    throw error;
  });
}

/** Writes a document unless a higher version exists. Returns whether it was written. */
export async function putVersioned(
  elasticsearch: ElasticsearchClient,
  index: string,
  id: string,
  version: number,
  document: BoundaryDoc | CurrentDoc,
): Promise<boolean> {
  const write = elasticsearch.index({ index, id, version, version_type: 'external_gte', document });
  return (await unless(409, write)) !== null;
}

export async function readStateDoc<Schema extends z.ZodType>(
  elasticsearch: ElasticsearchClient,
  schema: Schema,
  index: string,
  id: string,
): Promise<z.output<Schema> | null> {
  const found = await unless(404, elasticsearch.get({ index, id }));
  return found?._source ? parsed(schema, found._source, documentName(index, id)) : null;
}

/** What to call a document in a message. */
export const documentName = (index: string, id: string): string => `document ${id} of ${index}`;

/**
 * Changes a document that all copies of the indexer share, by compare-and-set. `change` gets null if it does not exist
 * yet, and returns its argument to leave it unchanged.
 */
export async function updateStateDoc<Schema extends z.ZodType>(
  elasticsearch: ElasticsearchClient,
  schema: Schema,
  index: string,
  id: string,
  change: (document: z.output<Schema> | null) => z.output<Schema> & object,
): Promise<z.output<Schema>> {
  for (;;) {
    const { document: before, version } = await readVersionedDoc(elasticsearch, schema, index, id);
    const document = change(before);
    if (document === before) return document;
    // Null: another copy was faster.
    if ((await writeIfUnchanged(elasticsearch, index, id, version, document)) !== null) return document;
  }
}

/** What compare-and-set compares. */
interface DocVersion {
  if_seq_no: number;
  if_primary_term: number;
}

/** A document, and what to write it by; both null: there is none. */
export interface VersionedDoc<Document> {
  document: Document | null;
  version: DocVersion | null;
}

export async function readVersionedDoc<Schema extends z.ZodType>(
  elasticsearch: ElasticsearchClient,
  schema: Schema,
  index: string,
  id: string,
): Promise<VersionedDoc<z.output<Schema>>> {
  const found = await unless(404, elasticsearch.get({ index, id }));
  if (!found?._source) return { document: null, version: null };
  return { document: parsed(schema, found._source, documentName(index, id)), version: versionOf(found) };
}

/**
 * Writes a document unless somebody else did since.
 * @param version as it was read or written; null: there was none
 * @returns its version now; null: somebody else has changed it, and it was left so
 */
export async function writeIfUnchanged(
  elasticsearch: ElasticsearchClient,
  index: string,
  id: string,
  version: DocVersion | null,
  document: object,
): Promise<DocVersion | null> {
  const write =
    version === null
      ? elasticsearch.create({ index, id, document })
      : elasticsearch.index({ index, id, ...version, document });
  const written = await unless(409, write);
  return written && versionOf(written);
}

function versionOf(found: Pick<estypes.GetResponse, '_seq_no' | '_primary_term'> | null): DocVersion {
  const { _seq_no: if_seq_no, _primary_term: if_primary_term } = found ?? {};
  if (if_seq_no === undefined || if_primary_term === undefined)
    throw new Error('a document without its sequence number');
  return { if_seq_no, if_primary_term };
}

export const updateDays = (
  elasticsearch: ElasticsearchClient,
  index: string,
  change: (days: DaysDoc) => DaysDoc,
): Promise<DaysDoc> =>
  updateStateDoc(elasticsearch, daysDoc, index, DAYS_ID, (days) => {
    if (days === null) throw new Error(`${documentName(index, DAYS_ID)} is not there`);
    return change(days);
  });
