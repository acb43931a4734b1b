import { existsSync, readFileSync } from 'node:fs';
import type { Config } from '../config.ts';
import { APPLICATION_USER, applicationPasswordFile } from '../embedded/password.ts';
import type {
  ClickHouseAddress,
  ElasticsearchAddress,
  HiveAddress,
  KafkaAddress,
  Login,
} from '../engine_settings/addresses.ts';
import { keepSecret } from '../secrets.ts';

/** How each engine is reached: as was set, or the embedded one. */
export interface EngineUrls {
  kafka: KafkaAddress;
  clickhouse: ClickHouseAddress;
  hive: HiveAddress;
  elasticsearch: ElasticsearchAddress;
}

/** For the log monitor, which also runs on machines without any other engine. */
export const kafkaAddress = ({ urls, ports }: Pick<Config, 'urls' | 'ports'>): KafkaAddress =>
  urls.kafka ?? { brokers: [`127.0.0.1:${ports.kafka}`], tls: null, sasl: null };

/** For callers that need no other engine. */
export const hiveAddress = ({ urls, ports }: Pick<Config, 'urls' | 'ports'>): HiveAddress =>
  urls.hive ?? embeddedHive(ports.hive);

const embeddedHive = (port: number): HiveAddress => ({
  hosts: [{ host: '127.0.0.1', port }],
  username: APPLICATION_USER,
  password: 'none',
  transport: 'binary',
  httpPath: '',
  tls: null,
});

export function engineUrls(config: Config): EngineUrls {
  const { urls } = config;
  return {
    kafka: kafkaAddress(config),
    clickhouse: urls.clickhouse ?? embeddedClickHouse(config),
    hive: hiveAddress(config),
    elasticsearch: elasticsearchAddress(config),
  };
}

/** For callers that need no other engine. */
export const elasticsearchAddress = (config: Pick<Config, 'urls' | 'dataDir' | 'ports'>): ElasticsearchAddress =>
  config.urls.elasticsearch ?? embeddedElasticsearch(config);

/** Null: it is the embedded one, which has not been started here yet. */
export function clickHouseAddress(config: Config): ClickHouseAddress | null {
  const isKnown =
    config.urls.clickhouse !== undefined || existsSync(applicationPasswordFile(config.dataDir, 'clickhouse'));
  return isKnown ? engineUrls(config).clickhouse : null;
}

function embeddedClickHouse({ dataDir, ports }: Config): ClickHouseAddress {
  try {
    return { url: `http://127.0.0.1:${ports.clickhouse}`, login: embeddedLogin(dataDir, 'clickhouse') };
  } catch (cause) {
    throw new Error(`no embedded ClickHouse in ${dataDir} yet: start it with "clickledger up"`, { cause });
  }
}

function embeddedElasticsearch({ dataDir, ports }: Pick<Config, 'dataDir' | 'ports'>): ElasticsearchAddress {
  const nodes = [`http://127.0.0.1:${ports.elasticsearch}`];
  try {
    return { nodes, login: embeddedLogin(dataDir, 'elasticsearch'), replicas: 0 };
  } catch {
    // It has not been started here yet. Most callers that read all addresses do not need this one.
    return { nodes, login: null, replicas: 0 };
  }
}

function embeddedLogin(dataDir: string, engine: 'clickhouse' | 'elasticsearch'): Login {
  const password = readFileSync(applicationPasswordFile(dataDir, engine), 'utf8').trim();
  keepSecret(password, APPLICATION_USER);
  return { username: APPLICATION_USER, password };
}
