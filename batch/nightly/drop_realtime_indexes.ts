import { z } from 'zod';
import { day } from '../../domain/fields.ts';
import { DAYS_ID, stateIndexOf } from '../../domain/names.ts';
import { parsed } from '../../domain/parse.ts';
import { DAY_MS } from '../../domain/time.ts';
import { rowsOf } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';
import { giveUpRealtime } from '../replay/search.ts';
import type { BatchEngines } from '../run/engines.ts';

const PUBLISHED_BEFORE = sql('clickhouse/queries/batch_published_before.sql');
const publishedDay = z.object({ day });

/** What Elasticsearch holds of the real-time counts of days. */
const heldDays = z.object({ held: z.array(z.object({ day, realtime: z.string() })) });

type Engines = Pick<BatchEngines, 'clickhouse' | 'elasticsearch' | 'event' | 'admin' | 'producer' | 'topics' | 'log'>;

/**
 * Has the indexer delete the real-time indexes of days whose run was published more than `indexDays` days ago. Only a
 * roll-back to real time would need them, and ClickHouse answers that.
 */
export async function dropOldRealtimeIndexes(
  engines: Engines,
  indexDays: number,
  nowMs: number,
  stateIndex = stateIndexOf(engines.event),
): Promise<void> {
  const { clickhouse, elasticsearch, log } = engines;
  const found = await elasticsearch.get({ index: stateIndex, id: DAYS_ID }, { ignore: [404] });
  if (!found.found) return;
  const { held } = parsed(heldDays, found._source, 'the days that Elasticsearch holds');
  const inRealtime = new Set(held.filter(({ realtime }) => realtime !== 'none').map((entry) => entry.day));
  const before = { before_ms: nowMs - indexDays * DAY_MS };
  const published = await rowsOf(clickhouse, publishedDay, PUBLISHED_BEFORE, before);
  const old = published.map((row) => row.day).filter((day) => inRealtime.has(day));
  if (old.length === 0) return;
  await giveUpRealtime(engines, old);
  log.info({ days: old }, 'the real-time indexes of days published long ago are given up');
}
