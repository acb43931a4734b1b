import { z } from 'zod';
import type { ClockReading } from '../../domain/clocks.ts';
import { count } from '../../domain/fields.ts';
import { NO_DATABASE } from '../../domain/names.ts';
import { type ClickHouseClient, createClickHouse, rowsOf } from '../clients/clickhouse.ts';
import type { EngineUrls } from '../clients/engines.ts';
import { sql } from '../sql.ts';

const CLOCK_SQL = sql('clickhouse/queries/clock.sql');
const now = z.object({ now_ms: count });

export async function readClickHouseClock(clickhouse: ClickHouseClient): Promise<ClockReading> {
  const fromMs = Date.now();
  const [row] = await rowsOf(clickhouse, now, CLOCK_SQL);
  if (row === undefined) throw new Error('ClickHouse did not say what time it is');
  return { atMs: row.now_ms, host: { fromMs, toMs: Date.now() } };
}

/** By a client of its own: it is asked once a minute. */
export async function readClockAt(urls: EngineUrls): Promise<ClockReading> {
  const clickhouse = createClickHouse(urls.clickhouse, { database: NO_DATABASE });
  return readClickHouseClock(clickhouse).finally(() => clickhouse.close());
}
