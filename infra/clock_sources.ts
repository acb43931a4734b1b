import { z } from 'zod';
import type { ClockReading } from '../domain/clocks.ts';
import { count } from '../domain/fields.ts';
import { parsed } from '../domain/parse.ts';
import { SECOND_MS } from '../domain/time.ts';
import { type ClickHouseClient, createClickHouse, rowsOf } from './clients/clickhouse.ts';
import { createElasticsearch } from './clients/elasticsearch.ts';
import type { EngineUrls } from './clients/engines.ts';
import { sql } from './sql.ts';

const CLOCK_SQL = sql('clickhouse/queries/clock.sql');

const clickhouseNow = z.object({ now_ms: count });
const health = z.tuple([z.object({ epoch: z.coerce.number() })]);

export async function readClickHouseClock(clickhouse: ClickHouseClient): Promise<ClockReading> {
  const fromMs = Date.now();
  const [row] = await rowsOf(clickhouse, clickhouseNow, CLOCK_SQL);
  if (row === undefined) throw new Error('ClickHouse did not say what time it is');
  return { atMs: row.now_ms, host: { fromMs, toMs: Date.now() } };
}

export type EngineWithClock = 'clickhouse' | 'elasticsearch';

/** By a client of its own: this is asked once a minute. */
export const READ_CLOCK: Record<EngineWithClock, (urls: EngineUrls) => Promise<ClockReading>> = {
  async clickhouse(urls) {
    const clickhouse = createClickHouse(urls.clickhouse);
    return readClickHouseClock(clickhouse).finally(() => clickhouse.close());
  },
  async elasticsearch(urls) {
    const elasticsearch = createElasticsearch(urls.elasticsearch);
    const fromMs = Date.now();
    const answer = await elasticsearch.cat
      .health({ format: 'json', h: ['epoch'] })
      .finally(() => elasticsearch.close());
    const [{ epoch }] = parsed(health, answer, 'the health of Elasticsearch');
    // Whole seconds: its clock may have shown them for nearly one already.
    return { atMs: epoch * SECOND_MS, host: { fromMs: fromMs - SECOND_MS, toMs: Date.now() } };
  },
};
