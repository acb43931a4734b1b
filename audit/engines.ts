import type { ClickHouseClient } from '../infra/clients/clickhouse.ts';
import type { ElasticsearchClient } from '../infra/clients/elasticsearch.ts';
import type { EngineUrls } from '../infra/clients/engines.ts';
import { connectHive } from '../infra/clients/hive.ts';
import type { Admin } from '../infra/clients/kafka.ts';
import type { Config } from '../infra/config.ts';
import versions from '../infra/embedded/versions.json' with { type: 'json' };
import type { Log } from '../infra/log.ts';

export interface EngineStatus {
  name: string;
  url: string;
  /** For an embedded engine the version that is started, otherwise the one it reports; null if it does not answer. */
  version: string | null;
  state: 'ready' | 'down';
}

/** Sends each engine a request that needs the whole engine. */
export async function engines(
  config: Config,
  urls: EngineUrls,
  clients: { admin: Admin; clickhouse: ClickHouseClient; elasticsearch: ElasticsearchClient },
  log: Log,
): Promise<EngineStatus[]> {
  const { admin, clickhouse, elasticsearch } = clients;
  const askHive = async (): Promise<void> => {
    const hive = await connectHive(urls.hive, log);
    await hive.execute('SELECT 1').finally(() => hive.close());
  };
  const probes: [keyof typeof versions, string, () => Promise<unknown>][] = [
    ['kafka', urls.kafka.join(','), () => admin.describeCluster()],
    ['clickhouse', withoutPassword(urls.clickhouse), () => clickhouse.command({ query: 'SELECT 1' })],
    ['elasticsearch', withoutPassword(urls.elasticsearch), () => elasticsearch.cluster.health()],
    ['hive', urls.hive.replace(/:[^:@/]*@/, '@'), askHive],
  ];
  return Promise.all(
    probes.map(async ([name, url, probe]) => {
      const state = await probe().then(
        () => 'ready' as const,
        () => 'down' as const,
      );
      return { name, url, version: config.urls[name] === undefined ? versions[name] : null, state };
    }),
  );
}

function withoutPassword(url: string): string {
  const parsed = new URL(url);
  parsed.password = '';
  parsed.username = '';
  return parsed.href;
}
