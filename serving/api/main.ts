import { join } from 'node:path';
import { realtimePartitions } from '../../domain/ad_minutes.ts';
import type { EventKind } from '../../domain/event_kinds.ts';
import { stateIndexOf } from '../../domain/names.ts';
import { watchTokens } from '../../infra/api_tokens/watch.ts';
import { watchCertificates } from '../../infra/certificates_metric.ts';
import { createElasticsearch } from '../../infra/clients/elasticsearch.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { createKafka } from '../../infra/clients/kafka.ts';
import { hiveOf } from '../../infra/kinds.ts';
import { firstRunMs } from '../../infra/register/event_kinds.ts';
import { countFindings } from '../../infra/register/findings_metric.ts';
import { openRegister } from '../../infra/register/open.ts';
import type { RoleContext, Service, StartRole } from '../../infra/role.ts';
import { builtDashboard } from '../../infra/setup/dashboard_folder.mjs';
import { AD_MINUTES_PARTITIONS } from '../../infra/topics.ts';
import { watchElasticsearch, watchHottestAd } from './admin/engine_metrics.ts';
import { watchFreshness } from './admin/freshness_metrics.ts';
import { createLagReader } from './admin/lag.ts';
import { watchWatermark } from './admin/watch_watermark.ts';
import { createApp } from './app.ts';
import { QUESTION_LIMIT_MS } from './http/limit.ts';
import type { ApiDeps } from './http/route.ts';
import { serverOf } from './http/server.ts';
import { questionTurns } from './questions/turns.ts';
import { createFindingsReader } from './questions/warnings.ts';
import { clickHousePools } from './stores/clickhouse_pools.ts';
import type { Stores } from './stores/engines.ts';
import { createArchive } from './stores/hive_sessions.ts';
import { createMinutesGone } from './stores/minutes_gone.ts';
import { createRawSince } from './stores/raw_kept.ts';
import { readIndexerState } from './stores/search_state.ts';
import { placesOf } from './trace/places.ts';

type Logs = Pick<ApiDeps, 'rejectedLines' | 'logFileOf'>;

/** @param logsOf what is known of logs, which are read by another stage */
export const apiRole =
  (logsOf: (context: Pick<RoleContext, 'config' | 'log'>) => Logs): StartRole =>
  (context) =>
    startApi(context, logsOf(context));

async function startApi({ config, log, metrics, clock }: RoleContext, logs: Logs): Promise<Service> {
  const urls = engineUrls(config);
  const elasticsearch = createElasticsearch(urls.elasticsearch);
  const admin = createKafka(urls.kafka, 'clickledger-api', log).admin();
  const register = openRegister(config);
  countFindings(register, metrics);
  const storesOf = async (event: EventKind): Promise<Stores> => {
    const pools = clickHousePools(config, event);
    return {
      ...pools,
      elasticsearch,
      archive: createArchive(() => hiveOf(config, event, log)),
      event,
      firstRunMs: await firstRunMs(register, event),
      rawSinceMs: createRawSince(pools.ledger),
      minutesGone: createMinutesGone(pools.ledger),
      stateIndex: stateIndexOf(event),
      realtimePartitions: realtimePartitions(AD_MINUTES_PARTITIONS),
    };
  };
  const stores = await storesOf('click');
  const otherStores = await Promise.all(config.eventKinds.filter((event) => event !== 'click').map(storesOf));
  const now = (): number => clock.nowMs();
  const { allowedLatenessMs: latenessMs } = config;
  const readLags = createLagReader(admin, config.regions, config.eventKinds);
  watchFreshness({
    metrics,
    states: new Map([stores, ...otherStores].map((ofKind) => [ofKind.event, () => readIndexerState(ofKind)])),
    readLags,
    clock: () => ({ nowMs: now(), latenessMs }),
  });
  const tokens = watchTokens({ tokens: config.api.tokens, file: config.api.tokensFile, log, metrics });
  watchElasticsearch(metrics, elasticsearch);
  watchHottestAd(metrics, [stores, ...otherStores]);
  watchCertificates(metrics, config.urls);
  const app = createApp({
    stores,
    otherStores,
    register,
    turns: questionTurns(metrics),
    readLags,
    readFindings: createFindingsReader(register),
    ...logs,
    placesOf: placesOf(config, register),
    tokens: tokens.current,
    allowedHosts: config.api.allowedHosts,
    trustProxy: config.api.trustProxy,
    rateLimit: config.api.rateLimit,
    auditFolder: join(config.dataDir, 'audit'),
    dashboardFolder: builtDashboard(),
    now,
    latenessMs,
    log,
    metrics,
  });
  const watching = watchWatermark({
    read: async () => (await readIndexerState(stores)).watermarkMs,
    clock: () => ({ nowMs: now(), latenessMs }),
    register,
    log,
  });
  const server = serverOf(app);
  // A client that neither sends nor reads for this long is disconnected, even if its answer is incomplete.
  server.timeout = QUESTION_LIMIT_MS + 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.api.port, config.api.host, resolve);
  });
  log.info({ host: config.api.host, port: config.api.port }, 'listening');
  return {
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      await closed;
      await Promise.all([watching.stop(), tokens.stop()]);
      const ofKinds = [stores, ...otherStores].flatMap(({ clickhouse, slow, ledger, archive }) =>
        [clickhouse, slow, ledger, archive].map((client) => client.close()),
      );
      await Promise.all([admin.disconnect(), elasticsearch.close(), ...ofKinds]);
    },
  };
}
