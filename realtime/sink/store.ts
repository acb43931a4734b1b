import { z } from 'zod';
import type { DedupeMemory } from '../../domain/click/dedupe.ts';
import { readInt64 } from '../../domain/click/wire.ts';
import { count } from '../../domain/fields.ts';
import { type ClickHouseClient, rowsOf } from '../../infra/clients/clickhouse.ts';
import { insertRows } from '../../infra/insert_rows.ts';
import { sql } from '../../infra/sql.ts';
import type { Block } from './block.ts';
import { blockToken } from './intent.ts';
import type { RangeRows } from './pending.ts';

const rangeRows = z.object({ clicks: count, copies: count });
const tableInserts = z.object({ inserts: z.array(count) });

const MEMORY_SQL = sql('clickhouse/queries/realtime_memory.sql');
const RANGE_SQL = sql('clickhouse/queries/realtime_stored_in_range.sql');
const INSERTS_SQL = sql('clickhouse/queries/realtime_inserts.sql');
const LAST_STORED_SQL = sql('clickhouse/queries/realtime_last_stored.sql');

const lastRow = z.object({ offset: count, arrived_ms: z.int() });

/** Writes a block, duplicates first. Idempotent: see insertRows. */
export async function insertBlock(client: ClickHouseClient, topicPartition: string, block: Block): Promise<void> {
  const token = blockToken(topicPartition, block.from, block.to);
  if (block.copies.count > 0) await insertRows(client, 'copies_dropped', block.copies, token);
  if (block.rows.count > 0) await insertRows(client, 'clicks', block.rows, token);
}

/** Fills the memory from the partition's rows below `offset` that arrived within the window. */
export async function fillMemory(
  client: ClickHouseClient,
  memory: DedupeMemory,
  place: { topicPartition: string; offset: number; arrivedAfterMs: number },
): Promise<void> {
  const { stream } = await client.exec({
    query: MEMORY_SQL,
    query_params: {
      topic_partition: place.topicPartition,
      offset: place.offset,
      arrived_after: place.arrivedAfterMs,
    },
  });
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    const bytes: Buffer = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    let at = 0;
    for (; at + 16 <= bytes.length; at += 16) {
      memory.admitHalves(bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4), readInt64(bytes, at + 8));
    }
    rest = bytes.subarray(at);
  }
}

/** The highest stored offset of a log, and when its message arrived; -1 and null: nothing is stored. */
export async function lastStored(
  client: ClickHouseClient,
  topicPartition: string,
): Promise<{ offset: number; arrivedMs: number | null }> {
  const [row] = await rowsOf(client, lastRow, LAST_STORED_SQL, { topic_partition: topicPartition });
  return { offset: row?.offset ?? -1, arrivedMs: row?.arrived_ms ?? null };
}

/** What is stored of the messages `[from, to)`. */
export async function storedInRange(
  client: ClickHouseClient,
  topic_partition: string,
  { from, to }: { from: number; to: number },
): Promise<RangeRows> {
  const [row] = await rowsOf(client, rangeRows, RANGE_SQL, { topic_partition, from, to });
  if (row === undefined) throw new Error('a count without a row');
  return row;
}

/** How far each table is written that a block goes to; see realtime_inserts.sql. */
export async function insertsNow(client: ClickHouseClient): Promise<number[]> {
  const [row] = await rowsOf(client, tableInserts, INSERTS_SQL);
  if (row === undefined) throw new Error('an aggregate without a row');
  return row.inserts;
}
