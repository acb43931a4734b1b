import { Command } from 'commander';
import { realtimePartitions } from '../domain/ad_minutes.ts';
import { STATE_INDEX } from '../domain/names.ts';
import { iso } from '../domain/time.ts';
import { freshnessMs } from '../domain/watermark.ts';
import { createClickHouse, rows } from '../infra/clients/clickhouse.ts';
import { createElasticsearch } from '../infra/clients/elasticsearch.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { createKafka } from '../infra/clients/kafka.ts';
import { type Config, readConfig } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';
import { sql } from '../infra/sql.ts';
import { AD_MINUTES_PARTITIONS } from '../infra/topics.ts';
import { readIndexerState } from '../serving/api/search_state.ts';
import { type DayStatus, days } from './status/days.ts';
import { type EngineStatus, engines } from './status/engines.ts';
import { type ProcessStatus, processes } from './status/processes.ts';
import { type Conservation, type Stage, stages } from './status/stages.ts';
import { table } from './table.ts';

const HOT_ADS_SQL = sql('clickhouse/queries/status_hot_ads.sql');

interface Status {
  ready: boolean;
  watermark: string | null;
  boundary: string | null;
  freshness_seconds: number | null;
  processes: ProcessStatus[];
  engines: EngineStatus[];
  stages: Stage[];
  conservation: Conservation[];
  days: DayStatus[];
  hot_ads: { ad_id: string; clicks: number; share: number }[];
}

export const statusCommand = (): Command =>
  new Command('status')
    .description('what runs, how fresh the counts are, what went in and out of each stage, and how far each day is')
    .option('--json', 'print one JSON document')
    .action(async ({ json }: { json?: boolean }) => {
      const status = await readStatus(readConfig(process.env));
      process.stdout.write(json ? `${JSON.stringify(status)}\n` : text(status));
      // Clients that found no engine keep trying in the background.
      process.exit(0);
    });

export async function readStatus(config: Config): Promise<Status> {
  const log = createLog('status');
  log.level = 'silent';
  const urls = engineUrls(config);
  const admin = createKafka(urls.kafka, 'clickledger-status', log).admin({ retry: { retries: 2 } });
  const clickhouse = createClickHouse(urls.clickhouse);
  const elasticsearch = createElasticsearch(urls.elasticsearch);
  await admin.connect().catch(() => {});
  const found = await engines(config, urls, { admin, clickhouse, elasticsearch }, log);
  const up = new Set(found.filter(({ state }) => state === 'ready').map(({ name }) => name));
  const running = processes(config);
  const stores = {
    clickhouse,
    elasticsearch,
    stateIndex: STATE_INDEX,
    realtimePartitions: realtimePartitions(AD_MINUTES_PARTITIONS),
  };
  const applied = up.has('elasticsearch') ? await readIndexerState(stores, AbortSignal.timeout(10_000)) : null;
  const watermarkMs = applied?.watermarkMs ?? null;
  const boundaryMs = applied?.boundaryMs ?? null;
  const counted =
    up.has('kafka') && up.has('clickhouse')
      ? await stages(config, admin, clickhouse)
      : { stages: [], conservation: [] };
  return {
    ready:
      (await isApiReady(config)) &&
      up.size === 4 &&
      running.length > 0 &&
      running.every(({ state }) => state === 'ready'),
    watermark: watermarkMs === null ? null : iso(watermarkMs),
    boundary: boundaryMs === null ? null : iso(boundaryMs),
    freshness_seconds:
      watermarkMs === null ? null : freshnessMs(watermarkMs, config.allowedLatenessMs, Date.now()) / 1_000,
    processes: running,
    engines: found,
    ...counted,
    days: up.has('clickhouse') ? await days(config.archiveDir, clickhouse, Date.now()) : [],
    hot_ads: up.has('clickhouse') ? await rows(clickhouse, HOT_ADS_SQL) : [],
  };
}

/** The API answers and has all it needs. */
async function isApiReady({ api }: Config): Promise<boolean> {
  return fetch(`http://${api.host}:${api.port}/readyz`).then(
    (response) => response.ok,
    () => false,
  );
}

function text(status: Status): string {
  const lines = [
    `${status.ready ? 'ready' : 'NOT READY'}   fresh to ${status.freshness_seconds ?? '?'} s   watermark ${status.watermark ?? '-'}   boundary ${status.boundary ?? '-'}`,
    '',
    table(
      ['process', 'pid', 'state'],
      status.processes.map(({ name, pid, state }) => [name, pid ?? '-', state]),
    ),
    table(
      ['engine', 'state', 'version', 'url'],
      status.engines.map(({ name, state, version, url }) => [name, state, version ?? '-', url]),
    ),
    table(
      ['stage', 'in', 'out', 'rejected', 'duplicates', 'lag'],
      status.stages.map((stage) => [stage.name, stage.in, stage.out, stage.rejected, stage.duplicates, stage.lag]),
    ),
    table(
      ['conservation', 'left', 'right', ''],
      status.conservation.map(({ rule, left, right, ok }) => [rule, left, right, ok ? 'ok' : 'BROKEN']),
    ),
    table(
      ['day', 'state', 'run'],
      status.days.map(({ date, state, run }) => [date, state, run ?? '-']),
    ),
  ];
  if (status.hot_ads.length > 0) {
    lines.push(
      table(
        ['hot ad', 'share'],
        status.hot_ads.map(({ ad_id, share }) => [ad_id, share]),
      ),
    );
  }
  return `${lines.join('\n')}\n`;
}
