import type { AdMinute } from '../../domain/ad_minutes.ts';
import { type FilterRevision, filterKey } from '../../domain/filter_revision.ts';
import type { ElasticsearchClient } from '../../infra/clients/elasticsearch.ts';
import { indexOf, type Target } from './days.ts';

export interface RowsOf extends Target {
  /** Absent: rows of all clicks. */
  filter?: FilterRevision;
  rows: AdMinute[];
}

/** The filter_id of rows of all clicks; those of a registered filter have its id and revision. */
export const ALL_CLICKS = 0;

const DOCUMENTS_PER_BULK = 5_000;

/**
 * Writes rows, each under an id of its own, so that a repeated row is one document. A real-time count only grows, so
 * the count is the version: whichever order rows come in, the newest stays. Returns the indexes that do not exist;
 * throws for any other document that was not taken.
 */
export async function writeRows(
  elasticsearch: ElasticsearchClient,
  batches: RowsOf[],
  beat: () => Promise<void>,
): Promise<Set<string>> {
  const missing = new Set<string>();
  let operations: string[] = [];
  const flush = async (): Promise<void> => {
    if (operations.length === 0) return;
    await sendBulk(elasticsearch, operations, missing);
    operations = [];
    await beat();
  };
  for (const batch of batches) {
    const index = indexOf(batch);
    for (const row of batch.rows) {
      operations.push(...operationOf(index, row, batch));
      if (operations.length >= 2 * DOCUMENTS_PER_BULK) await flush();
    }
  }
  await flush();
  return missing;
}

function operationOf(
  index: string,
  [fromMs, ad_id, country, clicks]: AdMinute,
  { source, grain, filter }: Omit<RowsOf, 'rows'>,
): [string, string] {
  const target = { _index: index, _id: `${fromMs}:${filter ? filterKey(filter) : ALL_CLICKS}:${country}:${ad_id}` };
  const version = source === 'rt' ? { version: clicks, version_type: 'external_gte' } : {};
  const time = grain === 'hour' ? { hour: fromMs } : { minute: fromMs };
  const of = filter ? { filter_id: filter.filterId, filter_revision: filter.revision } : { filter_id: ALL_CLICKS };
  return [
    JSON.stringify({ index: { ...target, ...version } }),
    JSON.stringify({ ...time, ad_id, country, ...of, clicks }),
  ];
}

async function sendBulk(elasticsearch: ElasticsearchClient, operations: string[], missing: Set<string>): Promise<void> {
  const { errors, items } = await elasticsearch.bulk({
    operations,
    filter_path: ['errors', 'items.*._index', 'items.*.status', 'items.*.error.type', 'items.*.error.reason'],
  });
  if (!errors) return;
  for (const { index: result } of items) {
    const type = result?.error?.type;
    if (!result || type === undefined || type === 'version_conflict_engine_exception') continue;
    if (type !== 'index_not_found_exception') {
      throw new Error(`${result._index} did not take a document: ${type}: ${result.error?.reason}`);
    }
    missing.add(result._index);
  }
}
