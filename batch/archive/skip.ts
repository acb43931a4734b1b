import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { annotationsOfRow } from '../../domain/click/annotations.ts';
import { count } from '../../domain/fields.ts';
import { topicPartition } from '../../domain/names.ts';
import type { RestoreStep } from '../../domain/restored.ts';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import { refuseWhileRestoring } from '../../infra/restored.ts';
import { parsedRows, sql } from '../../infra/sql.ts';
import type { TopicPartition } from './archiver.ts';
import { lastManifest } from './files/manifest.ts';
import { RangeBuffer } from './range.ts';
import { writeRange } from './write_range.ts';

const ROWS_SQL = sql('clickhouse/queries/archive_stored_rows.sql');

const storedClick = z.object({
  event_id: z.string(),
  ad_id: z.string(),
  click_timestamp: z.int(),
  user_id: z.string(),
  ip: z.string(),
  country: z.string(),
  arrived_ms: z.int(),
  offset: count,
  annotations: annotationsOfRow,
});

/** Messages `[from, to)` of a partition that are in no archive. */
export interface Gap {
  from: number;
  to: number;
  /** Messages that were counted in real time: they are archived from ClickHouse's rows. */
  rows: number;
  /** The others were invalid, or are lost. */
  lost: number;
  /** Their offsets, `[from, to)`. */
  missing: { from: number; to: number }[];
}

/**
 * Archives over messages that left Kafka before they were archived: what was counted of them in real time from there,
 * the others as lost. null: the archive reaches up to `to`.
 * @param to the first message that Kafka still has
 * @param until what must be back of a ClickHouse that was lost: what was counted in real time
 */
export async function skipGap(
  { archiveDir, clickhouse }: { archiveDir: string; clickhouse: ClickHouseClient },
  place: TopicPartition,
  to: number,
  isDryRun: boolean,
  until: RestoreStep = 'ended',
): Promise<Gap | null> {
  const before = lastManifest(archiveDir, place.topic, place.partition);
  const from = before?.to ?? 0;
  if (from >= to) return null;
  await refuseWhileRestoring(clickhouse, until);
  const name = topicPartition(place.topic, place.partition);
  const range = new RangeBuffer(archiveDir, name);
  try {
    const missing: Gap['missing'] = [];
    let next = from;
    let arrived = { from: before?.arrived_to ?? 0, to: before?.arrived_to ?? 0 };
    const query_params = { topic_partition: name, from, to };
    const result = await clickhouse.query({
      query: ROWS_SQL,
      query_params,
      format: 'JSONEachRow',
      query_id: randomUUID(),
    });
    for await (const batch of result.stream()) {
      for (const click of parsedRows(
        storedClick,
        batch.map((row) => row.json()),
        ROWS_SQL,
      )) {
        const { arrived_ms, offset, annotations, ...fields } = click;
        arrived = { from: range.rows === 0 ? arrived_ms : arrived.from, to: arrived_ms };
        if (offset > next) missing.push({ from: next, to: offset });
        next = offset + 1;
        range.add(fields, annotations, arrived_ms, offset, 0);
      }
    }
    if (to > next) missing.push({ from: next, to });
    const gap = { from, to, rows: range.rows, lost: to - from - range.rows, missing };
    if (isDryRun) return gap;
    const facts = {
      ...place,
      from,
      to,
      rejected: 0,
      lost: gap.lost,
      arrived_from: arrived.from,
      arrived_to: arrived.to,
    };
    const written = await writeRange(archiveDir, facts, range, () => true);
    if (written.outcome !== 'archived') throw new Error(`${name}: somebody else archives from message ${from} on`);
    return gap;
  } finally {
    await range.close();
  }
}
