import { Registry } from 'prom-client';
import type { AdMinutesMessage } from '../../../domain/ad_minutes.ts';
import type { EventKind } from '../../../domain/event_kinds.ts';
import { DAYS_ID, minutesIndexes, runSource } from '../../../domain/names.ts';
import { dayOf, iso } from '../../../domain/time.ts';
import type { ClickHouseClient } from '../../../infra/clients/clickhouse.ts';
import type { ElasticsearchClient } from '../../../infra/clients/elasticsearch.ts';
import { createLog } from '../../../infra/log.ts';
import { createIndexer } from '../../../serving/indexer/indexer.ts';
import { dropRuns } from './drop_runs.ts';
import { BOUNDARY_MS, countedBy, DAYS, perHour, type Row, RUNS, worldPerMinute } from './world.ts';

const TABLES: [table: string, time: string][] = [
  ['clicks', 'click_timestamp'],
  ['minutes_by_ad', 'click_minute'],
  ['minutes_by_minute', 'click_minute'],
  ['ledger', 'date'],
];

const DAY_LIST = Object.values(DAYS)
  .map((day) => `'${day}'`)
  .join(', ');

/** Deletes the days of this file: the platform would find neither their runs nor their messages. */
export async function clear(
  clickhouse: ClickHouseClient,
  elasticsearch: ElasticsearchClient,
  event: EventKind = 'click',
): Promise<void> {
  for (const [table, time] of TABLES) {
    await clickhouse.command({
      query: `DELETE FROM ${clickhouse.database}.${table} WHERE toDate(${time}) IN (${DAY_LIST})`,
    });
  }
  await dropRuns(clickhouse, Object.values(DAYS));
  const index = Object.values(DAYS)
    .map((day) => minutesIndexes(event, day))
    .flatMap((minutes) => [minutes, minutes.replace('-minutes-', '-hours-')]);
  const indexes = Object.keys(await elasticsearch.indices.getAlias({ index }));
  for (const index of indexes) await elasticsearch.indices.delete({ index });
}

/** Inserts the rows as the platform would have. */
export async function fillWorld(
  clickhouse: ClickHouseClient,
  elasticsearch: ElasticsearchClient,
  stateIndex: string,
  rows: Row[],
  event: EventKind = 'click',
): Promise<void> {
  const insert = (table: string, values: Record<string, unknown>[]) =>
    clickhouse.insert({ table: `${clickhouse.database}.${table}`, values, format: 'JSONEachRow' });
  await insert(
    'clicks',
    rows.map(({ ms, ...row }) => ({ ...row, click_timestamp: iso(ms), arrived_at: iso(Date.now()) })),
  );
  await fillRuns(insert, rows);
  await fillIndexes(elasticsearch, stateIndex, rows, event);
}

type Insert = (table: string, values: Record<string, unknown>[]) => Promise<unknown>;

async function fillRuns(insert: Insert, rows: Row[]): Promise<void> {
  for (const [date, { run, firstRun, cut }] of Object.entries(RUNS)) {
    const minutes = worldPerMinute(countedBy(rows, date)).map(([ms, ad_id, country, clicks]) => {
      return { run, ad_id, click_minute: ms / 1_000, country, clicks };
    });
    if (minutes.length > 0) await insert('clicks_per_minute_batch', minutes);
    // State left by an older run must not be visible.
    await insert(
      'clicks_per_minute_batch',
      minutes.map((row) => ({ ...row, run: run + 10, clicks: 1_000 })),
    );
    const [time, clicks] = [iso(Date.now()), countedBy(rows, date).length];
    const event = { date, reason: 'test', requested_by: 'test', started_at: time, finished_at: time, clicks };
    const published = { ...event, recorded_at: time, state: 'published', inputs: '{}' };
    if (firstRun !== run) await insert('ledger', [{ ...published, run: firstRun, seq: 1, cut: {} }]);
    await insert('ledger', [{ ...published, run, seq: 2, cut }]);
  }
}

async function fillIndexes(
  elasticsearch: ElasticsearchClient,
  stateIndex: string,
  rows: Row[],
  event: EventKind,
): Promise<void> {
  const log = createLog('api-test');
  log.level = 'silent';
  await elasticsearch.indices.create({ index: stateIndex });
  const document = { held: [], given_up: [DAYS.givenUp] };
  await elasticsearch.index({ index: stateIndex, id: DAYS_ID, document });
  const pace = { hasTime: () => true, spent: () => {} };
  const indexer = createIndexer({
    event,
    elasticsearch,
    stateIndex,
    searchDays: 100,
    log,
    metrics: new Registry(),
    pace,
    nowMs: Date.now,
  });
  const realtime = Object.values(DAYS).map((day): AdMinutesMessage => {
    const ofDay = rows.filter(({ ms }) => dayOf(ms) === day);
    // The index may be ahead of the boundary, with some of the rows.
    const applied = ofDay.filter(({ ms }, i) => ms < BOUNDARY_MS || i % 3 === 0);
    return { kind: 'minutes', day, source: 'rt', rows: worldPerMinute(applied) };
  });
  const closed: AdMinutesMessage = { kind: 'closed-to', boundaryMs: BOUNDARY_MS, watermarkMs: BOUNDARY_MS + 5_000 };
  await indexer.apply(0, [...realtime, closed]);
  await indexer.apply(1, [{ ...closed, boundaryMs: BOUNDARY_MS + 60_000, watermarkMs: BOUNDARY_MS + 60_001 }]);
  for (const [day, { run }] of Object.entries(RUNS)) {
    // One run is left out of Elasticsearch: ClickHouse has it too.
    if (day === DAYS.restated) continue;
    const minutes = worldPerMinute(countedBy(rows, day));
    const clicks = minutes.reduce((sum, [, , , n]) => sum + n, 0);
    const hours = perHour(minutes);
    await indexer.apply(3, [
      { kind: 'minutes', day, source: runSource(run), rows: minutes },
      { kind: 'hours', day, run, rows: hours },
      {
        kind: 'run-complete',
        day,
        run,
        documents: minutes.length,
        clicks,
        hours: { documents: hours.length, clicks },
      },
      { kind: 'run-current', day, run, seq: 2 },
    ]);
  }
}
