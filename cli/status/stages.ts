import { archiveTotals } from '../../batch/archive/totals.ts';
import { missing } from '../../batch/cut.ts';
import { runsPartition } from '../../domain/ad_minutes.ts';
import { clicksTopics, GROUPS, TOPICS } from '../../domain/names.ts';
import { type ClickHouseClient, rows } from '../../infra/clients/clickhouse.ts';
import {
  type Admin,
  committedOffsets,
  committedOffsetsOf,
  endOffsets,
  endOffsetsOf,
  requireTopics,
} from '../../infra/clients/kafka.ts';
import type { Config } from '../../infra/config.ts';
import { sql } from '../../infra/sql.ts';
import { AD_MINUTES_PARTITIONS } from '../../infra/topics.ts';
import { ingestTotals } from '../../ingest/checkpoint.ts';
import { decodeProgress } from '../../realtime/intent.ts';
import { readPublished } from '../../realtime/progress.ts';

const ROWS_SQL = sql('clickhouse/queries/status_rows.sql');

/** Counts since the beginning, from durable offsets and rows; `lag` is what waits before the stage, in messages. */
export interface Stage {
  name: string;
  in: number;
  out: number;
  rejected: number;
  duplicates: number;
  lag: number;
}

/** What must be equal, always. */
export interface Conservation {
  rule: string;
  left: number;
  right: number;
  ok: boolean;
}

export async function stages(
  config: Pick<Config, 'dataDir' | 'archiveDir' | 'regions'>,
  admin: Admin,
  clickhouse: ClickHouseClient,
): Promise<{ stages: Stage[]; conservation: Conservation[] }> {
  const topics = clicksTopics(config.regions);
  await requireTopics(admin, topics);
  const read = ingestTotals(config.dataDir);
  const archived = archiveTotals(config.archiveDir);
  const ends = await endOffsetsOf(admin, topics);
  const sink = await sinkTotals(admin, clickhouse, topics);
  const published = await readPublished(clickhouse);
  const queue = await queueTotals(admin);
  const archivedTo = sum(Object.values(archived.ends)) - sum(Object.values(archived.starts));
  const toPublish = sink.messages - sum(published.offsets.values());
  return {
    stages: [
      { name: 'ingest', in: read.lines, out: read.clicks, rejected: read.rejected, duplicates: 0, lag: 0 },
      {
        name: 'realtime',
        in: sink.messages,
        out: sink.counted,
        rejected: sink.rejected,
        duplicates: sink.copies,
        lag: sum(ends.values()) - sink.messages,
      },
      { name: 'publisher', in: sink.messages, out: sum(published.offsets.values()), ...NONE, lag: toPublish },
      { name: 'indexer', in: queue.sent, out: queue.applied, ...NONE, lag: queue.sent - queue.applied },
      {
        name: 'archive',
        in: archivedTo,
        out: archived.rows,
        rejected: archived.rejected,
        duplicates: 0,
        lag: missing(archived.ends, Object.fromEntries(ends)),
      },
    ],
    conservation: [
      rule('lines read = clicks sent + lines rejected', read.lines, read.clicks + read.rejected),
      rule(
        'messages consumed = raw rows + copies dropped + messages rejected',
        sink.messages,
        sink.counted + sink.copies + sink.rejected,
      ),
      rule('messages archived = archived rows + messages rejected', archivedTo, archived.rows + archived.rejected),
    ],
  };
}

const NONE = { rejected: 0, duplicates: 0 };

async function sinkTotals(admin: Admin, clickhouse: ClickHouseClient, topics: string[]) {
  const committed = await committedOffsetsOf(admin, GROUPS.sink, topics);
  const offsets: Record<string, number> = {};
  let rejected = 0;
  for (const [topicPartition, { offset, metadata }] of committed) {
    offsets[topicPartition] = offset;
    rejected += decodeProgress(offset, metadata).rejected;
  }
  const [row] = await rows<{ counted: number; copies: number }>(clickhouse, ROWS_SQL, { offsets });
  return { messages: sum(Object.values(offsets)), counted: row?.counted ?? 0, copies: row?.copies ?? 0, rejected };
}

async function queueTotals(admin: Admin): Promise<{ sent: number; applied: number }> {
  const ends = await endOffsets(admin, TOPICS.adMinutes);
  const applied = await committedOffsets(admin, GROUPS.indexer, TOPICS.adMinutes);
  const partitions = Array.from({ length: runsPartition(AD_MINUTES_PARTITIONS) + 1 }, (_, partition) => partition);
  return {
    sent: sum(partitions.map((partition) => ends.get(partition) ?? 0)),
    applied: sum(partitions.map((partition) => applied.get(partition)?.offset ?? 0)),
  };
}

const rule = (name: string, left: number, right: number): Conservation => ({
  rule: name,
  left,
  right,
  ok: left === right,
});

const sum = (numbers: Iterable<number>): number => {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
};
