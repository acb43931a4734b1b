import { z } from 'zod';
import { count } from '../../domain/fields.ts';
import { SECOND_MS } from '../../domain/time.ts';
import { encodeTops, TOP_ADS, TOP_WINDOWS, type Top, type TopsMessage } from '../../domain/tops.ts';
import { type ClickHouseClient, rowsOf } from '../../infra/clients/clickhouse.ts';
import { CompressionTypes, type Producer } from '../../infra/clients/kafka.ts';
import { sql } from '../../infra/sql.ts';

const TOPS_SQL = sql('clickhouse/queries/publisher_tops.sql');

const topRow = z.object({ window: z.int().min(1), ad_id: z.string(), window_clicks: count });

/** Window length in minutes → its top ads; absent for windows without clicks. */
export async function countTopAds(clickhouse: ClickHouseClient, endMs: number): Promise<Map<number, Top>> {
  const params = { end_s: endMs / SECOND_MS, windows: TOP_WINDOWS, limit: TOP_ADS };
  const counted = await rowsOf(clickhouse, topRow, TOPS_SQL, params);
  const tops = new Map<number, Top>();
  for (const { window, ad_id, window_clicks } of counted) {
    const top = tops.get(window);
    if (top) top.push([ad_id, window_clicks]);
    else tops.set(window, [[ad_id, window_clicks]]);
  }
  return tops;
}

export async function sendTopAds(producer: Producer, topic: string, messages: TopsMessage[]): Promise<void> {
  await producer.send({
    topic,
    acks: -1,
    compression: CompressionTypes.GZIP,
    messages: messages.map((message) => ({ partition: 0, value: encodeTops(message) })),
  });
}
