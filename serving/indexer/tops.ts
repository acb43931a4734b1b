import { TOPS_ID, topsIndex } from '../../domain/names.ts';
import { TOP_WINDOWS, type TopsMessage, topId } from '../../domain/tops.ts';
import type { ElasticsearchClient } from '../../infra/clients/elasticsearch.ts';
import { type BoundaryDoc, putVersioned } from '../documents/state.ts';
import type { TopAdsDoc } from '../documents/tops.ts';
import { createIndex } from './indexes.ts';

interface Statement {
  id: string;
  version: number;
  document: TopAdsDoc;
}

interface TopsIndexer {
  /** Applies messages in order; when it returns, all of them can be read. */
  apply(partition: number, messages: TopsMessage[]): Promise<void>;
}

/** Top lists are read by id only, never searched. The index may be lost: ClickHouse answers instead. */
export async function openTopsIndexer(elasticsearch: ElasticsearchClient, stateIndex: string): Promise<TopsIndexer> {
  const index = topsIndex(stateIndex);
  await createIndex(elasticsearch, index);
  return {
    async apply(_partition, messages) {
      await write(elasticsearch, index, messages.flatMap(statementsOf));
      const last = messages.findLast((message) => message.kind === 'tops-to');
      if (!last) return;
      const document: BoundaryDoc = { boundary_ms: last.boundaryMs, watermark_ms: last.watermarkMs };
      await putVersioned(elasticsearch, stateIndex, TOPS_ID, Math.max(0, last.watermarkMs), document);
    },
  };
}

function statementsOf(message: TopsMessage): Statement[] {
  if (message.kind === 'tops-to') return [];
  const { version } = message;
  if (message.kind === 'top') {
    const { endMs, window, ads } = message;
    return [{ id: topId(endMs, window), version, document: { end_ms: endMs, ads } }];
  }
  return message.endsMs.flatMap((endMs) =>
    TOP_WINDOWS.map((window) => ({ id: topId(endMs, window), version, document: { end_ms: endMs, ads: null } })),
  );
}

/** The newest message for each window wins, whatever the order. */
async function write(elasticsearch: ElasticsearchClient, index: string, statements: Statement[]): Promise<void> {
  if (statements.length === 0) return;
  const { errors, items } = await elasticsearch.bulk({
    index,
    operations: statements.flatMap(({ id, version, document }) => [
      { index: { _id: id, version, version_type: 'external_gte' } },
      document,
    ]),
    filter_path: ['errors', 'items.*.error.type', 'items.*.error.reason'],
  });
  if (!errors) return;
  for (const { index: result } of items) {
    const { type, reason } = result?.error ?? {};
    if (type === undefined || type === 'version_conflict_engine_exception') continue;
    throw new Error(`${index} did not take a top list: ${type}: ${reason}`);
  }
}
