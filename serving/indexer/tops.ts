import { TOPS_ID, topsIndex } from '../../domain/names.ts';
import { TOP_WINDOWS, type TopsMessage, topId } from '../../domain/tops.ts';
import type { ElasticsearchClient } from '../../infra/clients/elasticsearch.ts';
import { unless } from '../documents/state.ts';
import type { TopAdsDoc } from '../documents/tops.ts';
import { createIndex } from './indexes.ts';
import { PartitionStates, withAnnouncement, withPosition } from './partition_states.ts';
import type { Position } from './reading.ts';

interface Statement {
  id: string;
  version: number;
  document: TopAdsDoc;
}

interface TopsIndexer {
  states: PartitionStates;
  /** After messages that were never seen any list may be out of date: none is left. */
  passOver(): Promise<void>;
  /** Applies messages in order; when it returns, all of them can be read. */
  apply(partition: number, messages: TopsMessage[], position?: Position): Promise<void>;
}

/** Top lists are read by id only, never searched. The index may be lost: ClickHouse answers instead. */
export async function openTopsIndexer(elasticsearch: ElasticsearchClient, stateIndex: string): Promise<TopsIndexer> {
  const index = topsIndex(stateIndex);
  await createIndex(elasticsearch, index);
  const states = new PartitionStates(elasticsearch, stateIndex, () => TOPS_ID);
  return {
    states,
    async passOver() {
      await unless(404, elasticsearch.indices.delete({ index }));
      await createIndex(elasticsearch, index);
    },
    async apply(partition, messages, position) {
      await write(elasticsearch, index, messages.flatMap(statementsOf));
      const announcements = messages.filter((message) => message.kind === 'tops-to');
      if (announcements.length === 0 && position === undefined) return;
      const before = (await states.get(partition)) ?? {};
      const after = announcements.reduce(withAnnouncement, before);
      if (after !== before || position !== undefined) await states.put(partition, withPosition(after, position));
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
