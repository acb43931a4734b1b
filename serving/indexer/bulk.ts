import type { estypes } from '@elastic/elasticsearch';
import type { AdMinute } from '../../domain/ad_minutes.ts';
import { type FilterRevision, filterKey } from '../../domain/filters/filter_revision.ts';
import type { ElasticsearchClient } from '../../infra/clients/elasticsearch.ts';
import { ALL_CLICKS_ROWS } from '../documents/rows.ts';
import { BulkBody } from './bulk_body.ts';
import { type IndexTarget, indexOf } from './days.ts';
import { type Absent, CLOSED, NOT_FOUND } from './refresh.ts';

export interface RowsOf extends IndexTarget {
  /** Absent: rows of all clicks. */
  filter?: FilterRevision;
  rows: AdMinute[];
}

const DOCUMENTS_PER_BULK = 5_000;
/** Requests in flight: while Elasticsearch works on them, the next one is encoded. */
const MAX_IN_FLIGHT = 3;

/**
 * Writes rows, each under its own id, so that a repeated row is one document. A real-time count only grows, so the
 * count is the version: in whichever order rows come, the newest wins. Returns the indexes that were missing or closed;
 * throws for any other document that was refused.
 */
export async function writeRows(elasticsearch: ElasticsearchClient, batches: RowsOf[]): Promise<Absent[]> {
  const missing = new Map<string, Absent>();
  const inFlight: Promise<BulkBody>[] = [];
  let body = new BulkBody();
  let indexes = new Set<string>();
  const flush = async (): Promise<void> => {
    const sent = body;
    const sending = sendBulk(elasticsearch, sent, indexes, missing).then(() => sent);
    // Handled when awaited; avoids an unhandled rejection until then.
    sending.catch(() => {});
    inFlight.push(sending);
    indexes = new Set();
    const answered = inFlight.length === MAX_IN_FLIGHT ? await inFlight.shift() : undefined;
    body = answered?.emptied() ?? new BulkBody();
  };
  try {
    for (const batch of batches) {
      const [index, lines] = [indexOf(batch), linesOf(batch)];
      for (const row of batch.rows) {
        body.add(lines(row));
        indexes.add(index);
        if (body.documents === DOCUMENTS_PER_BULK) await flush();
      }
    }
    if (body.documents > 0) await flush();
    await Promise.all(inFlight);
  } finally {
    // No request is in flight after this function has ended, however it ends.
    await Promise.allSettled(inFlight);
  }
  return [...missing.values()];
}

/**
 * Encodes a row for a bulk request: two lines, each with its line end. By hand, since this is half of an indexer's
 * work.
 */
export function linesOf(batch: Omit<RowsOf, 'rows'>): (row: AdMinute) => string {
  const { source, grain, filter } = batch;
  const index = quoted(indexOf(batch));
  const time = grain === 'hour' ? 'hour' : 'minute';
  const filterId = filter ? filterKey(filter) : ALL_CLICKS_ROWS;
  const fields = filter
    ? `"filter_id":${filter.filterId},"filter_revision":${filter.revision}`
    : `"filter_id":${ALL_CLICKS_ROWS}`;
  return ([fromMs, adId, country, clicks]) => {
    const id = quoted(`${fromMs}:${filterId}:${country}:${adId}`);
    const version = source === 'rt' ? `,"version":${clicks},"version_type":"external_gte"` : '';
    const document = `"${time}":${fromMs},"ad_id":${quoted(adId)},"country":${quoted(country)},${fields},"clicks":${clicks}`;
    return `{"index":{"_index":${index},"_id":${id}${version}}}\n{${document}}\n`;
  };
}

const quoted = (text: string): string => JSON.stringify(text);

async function sendBulk(
  elasticsearch: ElasticsearchClient,
  { bytes }: BulkBody,
  indexes: ReadonlySet<string>,
  missing: Map<string, Absent>,
): Promise<void> {
  // The response has only the errors of 5,000 documents, without the names of their indexes.
  const { errors, items } = await elasticsearch.transport.request<estypes.BulkResponse>({
    method: 'POST',
    path: '/_bulk',
    querystring: { filter_path: 'errors,items.*.error' },
    // The client's own bulk() does not accept bytes.
    bulkBody: bytes,
  });
  if (!errors) return;
  for (const { index: result } of items) {
    const error = result?.error;
    if (!error || error.type === 'version_conflict_engine_exception') continue;
    if (error.type === CLOSED && typeof error.index === 'string') {
      missing.set(error.index, { index: error.index, isClosed: true });
    } else if (error.type === NOT_FOUND) {
      for (const index of indexes) if (!missing.has(index)) missing.set(index, { index, isClosed: false });
    } else {
      const names = [...indexes].join(', ');
      throw new Error(`Elasticsearch did not take a document for ${names}: ${error.type}: ${error.reason}`);
    }
  }
}
