import { Registry } from 'prom-client';
import { realtimePartitions } from '../../domain/ad_minutes.ts';
import { minutesIndex, stateIndexOf } from '../../domain/names.ts';
import { dayOf, MINUTE_MS } from '../../domain/time.ts';
import type { ElasticsearchClient } from '../../infra/clients/elasticsearch.ts';
import { createLog } from '../../infra/log.ts';
import { AD_MINUTES_PARTITIONS } from '../../infra/topics.ts';
import { createIndexer } from '../../serving/indexer/indexer.ts';
import { clicksInMinute, messagesOf } from '../minutes.ts';

export const ADS = 2_000;

/** Minutes of a day that was closed long ago. */
export interface Indexed {
  index: string;
  fromMs: number;
  toMs: number;
  clicksOf(ad: number, fromMs: number, toMs: number): number;
}

/** Indexes ad-minutes through the indexer itself: mapping, ids and state are those of the platform. */
export async function indexMinutes(
  elasticsearch: ElasticsearchClient,
  startMs: number,
  rows: number,
): Promise<Indexed> {
  const log = createLog('bench');
  log.level = 'silent';
  const stateIndex = stateIndexOf('click');
  const pace = { hasTime: () => true, spent: () => undefined };
  const indexer = createIndexer({
    event: 'click',
    elasticsearch,
    stateIndex,
    searchDays: 10,
    log,
    metrics: new Registry(),
    pace,
    nowMs: Date.now,
  });
  const minutes = Math.ceil(rows / ADS);
  const day = dayOf(startMs);
  for (const rows of messagesOf(startMs, minutes * ADS, ADS)) {
    await indexer.apply(0, [{ kind: 'minutes', day, source: 'rt', rows }]);
  }
  const toMs = startMs + minutes * MINUTE_MS;
  const closed = { kind: 'closed-to' as const, boundaryMs: toMs, watermarkMs: toMs };
  for (const partition of realtimePartitions(AD_MINUTES_PARTITIONS)) await indexer.apply(partition, [closed]);
  return {
    index: minutesIndex('click', day, 'rt'),
    fromMs: startMs,
    toMs,
    clicksOf(ad, fromMs, toMs) {
      let sum = 0;
      for (let ms = fromMs; ms < toMs; ms += MINUTE_MS) sum += clicksInMinute((ms - startMs) / MINUTE_MS, ad);
      return sum;
    },
  };
}
