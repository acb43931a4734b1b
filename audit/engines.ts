import type { ClickHouseClient } from '../infra/clients/clickhouse.ts';
import type { ElasticsearchClient } from '../infra/clients/elasticsearch.ts';
import type { EngineUrls } from '../infra/clients/engines.ts';
import { connectHive } from '../infra/clients/hive.ts';
import type { Admin } from '../infra/clients/kafka.ts';
import type { Config } from '../infra/config.ts';
import versions from '../infra/embedded/versions.json' with { type: 'json' };
import { shownHive } from '../infra/engine_settings/addresses.ts';
import type { Log } from '../infra/log.ts';
import { withoutSecrets } from '../infra/secrets.ts';
import type { EngineName } from '../infra/setup/engines.mjs';

export interface EngineStatus {
  name: string;
  url: string;
  /** For an embedded engine the version that is started, otherwise the one it reports; null if it does not answer. */
  version: string | null;
  state: 'ready' | 'down';
  /** Why it is down, in one line, with the setting to blame where it is known; null: it is not. */
  reason: string | null;
}

/** Sends each engine a request that needs the whole engine; the answers do not wait for one another. */
export function askEngines(
  config: Config,
  urls: EngineUrls,
  clients: { admin: Admin; clickhouse: ClickHouseClient; elasticsearch: ElasticsearchClient },
  log: Log,
): Record<EngineName, Promise<EngineStatus>> {
  const { admin, clickhouse, elasticsearch } = clients;
  const askHive = async (): Promise<void> => {
    const hive = await connectHive(urls.hive, log);
    await hive.execute('SELECT 1').finally(() => hive.close());
  };
  const ask = async (name: EngineName, url: string, probe: () => Promise<unknown>): Promise<EngineStatus> => {
    const reason = await probe().then(
      () => null,
      (error) => reasonOf(error),
    );
    const version = config.urls[name] === undefined ? versions[name] : null;
    return { name, url, version, state: reason === null ? 'ready' : 'down', reason };
  };
  const nodes = urls.elasticsearch.nodes.map((node) => new URL(node).href).join(',');
  return {
    kafka: ask('kafka', urls.kafka.brokers.join(','), () => admin.connect().then(() => admin.describeCluster())),
    clickhouse: ask('clickhouse', new URL(urls.clickhouse.url).href, () => clickhouse.command({ query: 'SELECT 1' })),
    elasticsearch: ask('elasticsearch', nodes, () => elasticsearch.cluster.health()),
    hive: ask('hive', shownHive(urls.hive), askHive),
  };
}

const reasonOf = (error: unknown): string =>
  withoutSecrets(error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ');
