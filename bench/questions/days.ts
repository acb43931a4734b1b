import { Registry } from 'prom-client';
import { runHours } from '../../batch/rebuild/hours.ts';
import { loadedPartition } from '../../batch/run/load.ts';
import { type AdMinute, type AdMinutesMessage, realtimePartitions } from '../../domain/ad_minutes.ts';
import { type EventKind, PLURAL } from '../../domain/event_kinds.ts';
import { DAYS_ID, runSource, stateIndexOf } from '../../domain/names.ts';
import { DAY_MS, dayOf, iso } from '../../domain/time.ts';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import { createElasticsearch, type ElasticsearchClient } from '../../infra/clients/elasticsearch.ts';
import { createLog } from '../../infra/log.ts';
import { putTemplates } from '../../infra/migrate.ts';
import { sql } from '../../infra/sql.ts';
import { AD_MINUTES_PARTITIONS } from '../../infra/topics.ts';
import type { DaysDoc } from '../../serving/documents/days.ts';
import { createIndexer } from '../../serving/indexer/indexer.ts';
import { createIndex } from '../../serving/indexer/indexes.ts';
import type { BenchSite } from '../site.ts';

const SQL = {
  clicks: sql('clickhouse/bench/questions_clicks.sql'),
  run: sql('clickhouse/bench/questions_run.sql'),
  minutes: sql('clickhouse/bench/questions_minutes.sql'),
};
const RUN = 1;
const ADS = 2_000;

export interface PublishedDays {
  startMs: number;
  days: number;
  clicksPerDay: number;
  busyAds: number;
}

/** Fills both engines as clicks, their runs and the indexer would have: every day is published and held. */
export async function publishDays(site: BenchSite, published: PublishedDays): Promise<void> {
  const { startMs: start_ms, days, clicksPerDay: clicks_per_day, busyAds: busy_ads } = published;
  const { clickhouse } = site;
  await site.emptyTables();
  await clickhouse.command({
    query: SQL.clicks,
    query_params: { start_ms, days, clicks_per_day, busy_ads, ads: ADS },
  });
  await clickhouse.command({ query: SQL.run });
  const names = Array.from({ length: days }, (_, n) => dayOf(start_ms + n * DAY_MS));
  await recordRuns(clickhouse, 'click', names, clicks_per_day);
  const elasticsearch = createElasticsearch(site.urls.elasticsearch);
  await fillIndexes(site, elasticsearch, names).finally(() => elasticsearch.close());
}

/** The ledger's lines of days that are counted by their first run. */
export async function recordRuns(
  clickhouse: ClickHouseClient,
  event: EventKind,
  days: readonly string[],
  eventsPerDay: number,
): Promise<void> {
  const time = iso(Date.now());
  const run = { seq: 1, run: RUN, state: 'published', reason: 'bench', requested_by: 'bench', inputs: '{}' };
  await clickhouse.insert({
    table: 'ledger',
    values: days.map((date, n) => ({
      date,
      ...run,
      started_at: time,
      finished_at: time,
      recorded_at: time,
      clicks: eventsPerDay,
      cut: { [`${PLURAL[event]}-0`]: (n + 1) * eventsPerDay },
    })),
    format: 'JSONEachRow',
  });
}

/** An indexer of a kind that has closed all minutes up to now, and holds no day yet. */
export async function closedIndexer(elasticsearch: ElasticsearchClient, event: EventKind, searchDays: number) {
  const stateIndex = stateIndexOf(event);
  await createIndex(elasticsearch, stateIndex);
  const document: DaysDoc = { held: [], given_up: [] };
  await elasticsearch.index({ index: stateIndex, id: DAYS_ID, document });
  const log = createLog('bench');
  log.level = 'silent';
  const pace = { hasTime: () => true, spent: () => {} };
  const deps = { elasticsearch, stateIndex, searchDays, log, pace, nowMs: Date.now };
  const indexer = createIndexer({ event, ...deps, metrics: new Registry() });
  const nowMs = Date.now();
  for (const partition of realtimePartitions(AD_MINUTES_PARTITIONS)) {
    await indexer.apply(partition, [{ kind: 'closed-to', boundaryMs: nowMs, watermarkMs: nowMs }]);
  }
  return indexer;
}

async function fillIndexes(
  { clickhouse }: BenchSite,
  elasticsearch: ElasticsearchClient,
  days: string[],
): Promise<void> {
  await putTemplates(elasticsearch);
  const indexer = await closedIndexer(elasticsearch, 'click', days.length);
  for (const day of days) {
    const result = await clickhouse.query({
      query: SQL.minutes,
      query_params: { partition: loadedPartition({ day, run: RUN }) },
      format: 'JSONCompactEachRow',
    });
    const minutes = await result.json<AdMinute>();
    const hours: AdMinute[] = [];
    for await (const chunk of runHours(clickhouse, { day, run: RUN })) hours.push(...chunk);
    const totals = (rows: AdMinute[]) => ({
      documents: rows.length,
      clicks: rows.reduce((sum, [, , , clicks]) => sum + clicks, 0),
    });
    const messages: AdMinutesMessage[] = [
      { kind: 'minutes', day, source: runSource(RUN), rows: minutes },
      { kind: 'hours', day, run: RUN, rows: hours },
      { kind: 'run-complete', day, run: RUN, ...totals(minutes), hours: totals(hours) },
      { kind: 'run-current', day, run: RUN, seq: 1 },
    ];
    await indexer.apply(AD_MINUTES_PARTITIONS - 1, messages);
  }
}
