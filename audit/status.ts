import { get } from 'node:http';
import { type NightProgress, readProgress } from '../batch/nightly/progress.ts';
import { realtimePartitions } from '../domain/ad_minutes.ts';
import type { EventKind } from '../domain/event_kinds.ts';
import { stateIndexOf, TOPICS } from '../domain/names.ts';
import { iso } from '../domain/time.ts';
import { freshnessMs } from '../domain/watermark.ts';
import { type ClickHouseClient, createClickHouse, rows } from '../infra/clients/clickhouse.ts';
import { createElasticsearch, type ElasticsearchClient } from '../infra/clients/elasticsearch.ts';
import { type EngineUrls, engineUrls } from '../infra/clients/engines.ts';
import { clockOf, connectPlainProducer, createImpatientKafka, type Kafka } from '../infra/clients/kafka.ts';
import type { Config } from '../infra/config.ts';
import { archiveDirOf } from '../infra/kinds.ts';
import { createLog, type Log } from '../infra/log.ts';
import { kindsNotAskedFor } from '../infra/platform_config.ts';
import { openRegister } from '../infra/register/open.ts';
import { readPartitionNames } from '../infra/register/partition_names.ts';
import type { Register } from '../infra/register/register.ts';
import { sql } from '../infra/sql.ts';
import { AD_MINUTES_PARTITIONS } from '../infra/topics.ts';
import { demoTraffic } from '../infra/traffic/demo.ts';
import { readIndexerState } from '../serving/api/stores/search_state.ts';
import type { DayStatus } from './days.ts';
import { askEngines, type EngineStatus } from './engines.ts';
import { kindStatus } from './kind_status.ts';
import { type ProcessStatus, processes } from './processes.ts';
import type { Conservation } from './rule.ts';
import type { Stage } from './stage.ts';
import { findingWarnings, type Warning } from './warnings.ts';

export interface Status {
  ready: boolean;
  watermark: string | null;
  boundary: string | null;
  freshness_seconds: number | null;
  processes: ProcessStatus[];
  engines: EngineStatus[];
  stages: Stage[];
  conservation: Conservation[];
  days: DayStatus[];
  /** The nightly run of clicks in progress. */
  night: NightProgress | null;
  /** Nightly runs in progress, of all kinds. */
  nights: (NightProgress & { event: EventKind })[];
  /** Worth a look; without those at zero. */
  warnings: Warning[];
  hot_ads: { ad_id: string; clicks: number; share: number }[];
  /** A line that names the kinds which are not run because EVENT_KINDS is not set; null: there are none. */
  kinds_not_run: string | null;
  /** The log that `npm start` writes sample clicks to now. */
  sample_traffic: string | null;
}

const HOT_ADS_SQL = sql('clickhouse/queries/status_hot_ads.sql');

export async function readStatus(config: Config): Promise<Status> {
  const log = createLog('status');
  const register = openRegister(config);
  log.level = 'silent';
  const urls = engineUrls(config);
  const kafka = createImpatientKafka(urls.kafka, 'clickledger-status');
  const admin = kafka.admin();
  const clickhouse = createClickHouse(urls.clickhouse);
  const elasticsearch = createElasticsearch(urls.elasticsearch);
  try {
    return await readFrom({ config, register, log, urls, kafka, admin, clickhouse, elasticsearch });
  } finally {
    // Nobody waits for it: a client without a reachable engine takes its time.
    void Promise.allSettled([admin.disconnect(), clickhouse.close(), elasticsearch.close()]);
  }
}

interface Sources {
  config: Config;
  register: Register;
  log: Log;
  urls: EngineUrls;
  kafka: Kafka;
  admin: ReturnType<Kafka['admin']>;
  clickhouse: ClickHouseClient;
  elasticsearch: ElasticsearchClient;
}

async function readFrom({
  config,
  register,
  log,
  urls,
  kafka,
  admin,
  clickhouse,
  elasticsearch,
}: Sources): Promise<Status> {
  // What does not wait for another is asked at the same time: somebody waits for the whole.
  const asked = askEngines(config, urls, { admin, clickhouse, elasticsearch }, log);
  const askedApi = isApiReady(config);
  const [found, nowMs, names] = await Promise.all([
    // Without Hive, which takes longest and which only cold days need.
    Promise.all([asked.kafka, asked.clickhouse, asked.elasticsearch]),
    brokerNowMs(kafka),
    readPartitionNames(register),
  ]);
  const up = new Set(found.filter(({ state }) => state === 'ready').map(({ name }) => name));
  const running = processes(config);
  const stores = {
    clickhouse,
    elasticsearch,
    event: 'click' as const,
    stateIndex: stateIndexOf('click'),
    realtimePartitions: realtimePartitions(AD_MINUTES_PARTITIONS),
  };
  const context = { config, up, admin, elasticsearch, names, nowMs, log };
  const [applied, hotAds, findings, kinds, hive, isReady] = await Promise.all([
    up.has('elasticsearch') ? readIndexerState(stores) : null,
    up.has('clickhouse') ? rows<Status['hot_ads'][number]>(clickhouse, HOT_ADS_SQL) : [],
    findingWarnings(register),
    Promise.all(config.eventKinds.map((event) => kindStatus(event, context))),
    asked.hive,
    askedApi,
  ]);
  const engines = [...found, hive];
  const watermarkMs = applied?.watermarkMs ?? null;
  const boundaryMs = applied?.boundaryMs ?? null;
  const freshMs = watermarkMs === null ? null : freshnessMs(watermarkMs, config.allowedLatenessMs, nowMs);
  return {
    ready:
      isReady &&
      engines.every(({ state }) => state === 'ready') &&
      running.length > 0 &&
      running.every(({ state }) => state === 'ready'),
    watermark: watermarkMs === null ? null : iso(watermarkMs),
    boundary: boundaryMs === null ? null : iso(boundaryMs),
    freshness_seconds: freshMs === null ? null : freshMs / 1000,
    processes: running,
    engines,
    stages: kinds.flatMap(({ counted }) => counted?.stages ?? []),
    conservation: kinds.flatMap(({ counted }) => counted?.conservation ?? []),
    days: kinds.flatMap(({ days }) => days),
    night: readProgress(config.archiveDir),
    nights: config.eventKinds.flatMap((event) => {
      const night = readProgress(archiveDirOf(config, event));
      return night === null ? [] : [{ event, ...night }];
    }),
    warnings: [findings, kinds.flatMap(({ setAside }) => setAside), kinds.flatMap(({ warnings }) => warnings)].flat(),
    hot_ads: hotAds,
    kinds_not_run: kindsNotAskedFor(config),
    sample_traffic: demoTraffic(config.dataDir, Date.now()),
  };
}

/** By the broker's clock, or by this host's if the broker's cannot be read. */
async function brokerNowMs(kafka: Kafka): Promise<number> {
  try {
    const producer = await connectPlainProducer(kafka, 2);
    return await clockOf(producer, TOPICS.clock)
      .read()
      .finally(() => producer.disconnect());
  } catch {
    return Date.now();
  }
}

/** The API answers and has all it needs. */
/** Without fetch, whose code alone takes 60 ms to load. */
function isApiReady({ api }: Config): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: api.host, port: api.port, path: '/readyz' }, (response) => {
      resolve(response.statusCode === 200);
      response.resume();
    });
    request.once('error', () => resolve(false));
  });
}
