import { z } from 'zod';
import type { EventKind } from '../domain/event_kinds.ts';
import { count } from '../domain/fields.ts';
import { databaseOf } from '../domain/names.ts';
import type { PartitionNames } from '../domain/partition_names.ts';
import { type ClickHouseClient, rowsOf } from '../infra/clients/clickhouse.ts';
import { type Admin, committedOffsetsOf } from '../infra/clients/kafka.ts';
import { sql } from '../infra/sql.ts';
import { decodeProgress, type Progress } from '../realtime/sink/intent.ts';
import type { Flow } from './flow.ts';
import { type Rule, Tally } from './rule.ts';

const ROWS_SQL = sql('clickhouse/queries/status_rows.sql');

const rowCounts = z.object({ counted: count, copies: count });

/** `clicks-3` → the sink's progress. */
export type SinkProgress = Map<string, Progress>;

export async function sinkProgress(
  admin: Admin,
  { sinkGroup, topics, names }: Pick<Flow, 'sinkGroup' | 'topics' | 'names'>,
): Promise<SinkProgress> {
  const committed = await committedOffsetsOf(admin, sinkGroup, topics, names);
  return new Map([...committed].map(([name, { offset, metadata }]) => [name, decodeProgress(offset, metadata)]));
}

interface Stretch {
  from: number;
  to: number;
}

/** Number of rows from an offset range of a partition; a range of the primary key. */
export async function countRows(clickhouse: ClickHouseClient, topic_partition: string, { from, to }: Stretch) {
  const [row] = await rowsOf(clickhouse, rowCounts, ROWS_SQL, { topic_partition, from, to });
  return row ?? { counted: 0, copies: 0 };
}

/** First offset of a partition's kept raw rows, and the number of messages rejected below it. */
export interface Floor {
  offset: number;
  rejected: number;
}

interface SinkTotals {
  messages: number;
  counted: number;
  copies: number;
  rejected: number;
}

/** Compares at committed offsets: below them everything is inserted, and nothing more is added. */
export async function countedTotals(
  event: EventKind,
  clickhouse: ClickHouseClient,
  progress: SinkProgress,
  names: PartitionNames,
  floors: ReadonlyMap<string, Floor>,
): Promise<{ totals: SinkTotals; rule: Rule }> {
  const totals: SinkTotals = { messages: 0, counted: 0, copies: 0, rejected: 0 };
  const tally = new Tally();
  for (const [name, { offset: to, rejected: rejectedBelow }] of progress) {
    const floor = floors.get(name);
    const from = Math.min(to, floor?.offset ?? names.firstOf(name));
    const rejected = rejectedBelow - (floor?.rejected ?? 0);
    const { counted, copies } = await countRows(clickhouse, name, { from, to });
    tally.add(name, to - from, counted + copies + rejected);
    totals.messages += to - from;
    totals.counted += counted;
    totals.copies += copies;
    totals.rejected += rejected;
  }
  const database = databaseOf(event);
  const rule = tally.rule(
    'messages counted = raw rows + copies dropped + messages rejected',
    `rows of ${database}.clicks or ${database}.copies_dropped were removed or doubled after they had been counted, or messages expired in Kafka before: real-time counts are wrong by that much; derive the days concerned anew from the archive (clickledger replay)`,
  );
  return { totals, rule };
}
