import { errors, type estypes } from '@elastic/elasticsearch';
import { z } from 'zod';
import { filtersSince } from '../../domain/ad_minutes.ts';
import { count } from '../../domain/fields.ts';
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

/** State of one real-time partition: its last announced boundary, up to which all rows are searchable. */
export const boundaryDoc = z.object({
  boundary_ms: z.int(),
  watermark_ms: z.int(),
  /** Filters whose rows are included; absent in documents from before filters existed. */
  filters: filtersSince.exactOptional(),
});
export type BoundaryDoc = z.infer<typeof boundaryDoc>;

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
  change: (document: z.output<Schema> | null) => z.output<Schema>,
): Promise<z.output<Schema>> {
  for (;;) {
    const found = await unless(404, elasticsearch.get({ index, id }));
    const before = found?._source ? parsed(schema, found._source, documentName(index, id)) : null;
    const document = change(before);
    if (document === before) return document;
    const write =
      before === null
        ? elasticsearch.create({ index, id, document })
        : elasticsearch.index({ index, id, ...versionOf(found), document });
    // 409: another copy was faster.
    if ((await unless(409, write)) !== null) return document;
  }
}

function versionOf(found: estypes.GetResponse | null) {
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
