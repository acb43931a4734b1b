import type { Config } from '../config.ts';
import { embeddedKafka } from '../embedded/kafka/address.ts';
import { APPLICATION_USER, applicationPasswordFile, type Secured } from '../embedded/password.ts';
import {
  ANY_PASSWORD,
  type ClickHouseAddress,
  type ElasticsearchAddress,
  type HiveAddress,
  type KafkaAddress,
} from '../engine_settings/addresses.ts';
import { readIfThere } from '../files.ts';
import { keepSecret } from '../secrets.ts';

/** How each engine is reached: as was set, or the embedded one. */
export interface EngineUrls {
  kafka: KafkaAddress;
  clickhouse: ClickHouseAddress;
  hive: HiveAddress;
  elasticsearch: ElasticsearchAddress;
}

/** For the log monitor, which also runs on machines without any other engine. */
export const kafkaAddress = ({ urls, ports, dataDir }: Pick<Config, 'urls' | 'ports' | 'dataDir'>): KafkaAddress =>
  urls.kafka ?? embeddedKafka(ports.kafka, passwordIfThere(dataDir, 'kafka'));

/** For callers that need no other engine. */
export const hiveAddress = ({ urls, ports, dataDir }: Pick<Config, 'urls' | 'ports' | 'dataDir'>): HiveAddress =>
  urls.hive ?? embeddedHive(ports.hive, passwordIfThere(dataDir, 'hive'));

const embeddedHive = (port: number, password: string | null): HiveAddress => ({
  hosts: [{ host: '127.0.0.1', port }],
  username: APPLICATION_USER,
  password: password ?? ANY_PASSWORD,
  transport: 'binary',
  httpPath: '',
  tls: null,
});

export function engineUrls(config: Config): EngineUrls {
  return {
    kafka: kafkaAddress(config),
    clickhouse: clickHouseAddress(config) ?? notStarted(config),
    hive: hiveAddress(config),
    elasticsearch: elasticsearchAddress(config),
  };
}

/** For callers that need no other engine. */
export const elasticsearchAddress = (config: Pick<Config, 'urls' | 'dataDir' | 'ports'>): ElasticsearchAddress =>
  config.urls.elasticsearch ?? embeddedElasticsearch(config);

/** Null: it is the embedded one, which has not been started here yet. */
export function clickHouseAddress({ urls, dataDir, ports }: Config): ClickHouseAddress | null {
  if (urls.clickhouse !== undefined) return urls.clickhouse;
  const password = passwordIfThere(dataDir, 'clickhouse');
  if (password === null) return null;
  return { url: `http://127.0.0.1:${ports.clickhouse}`, login: { username: APPLICATION_USER, password } };
}

function notStarted({ dataDir }: Config): never {
  throw new Error(`no embedded ClickHouse in ${dataDir} yet: start it with "clickledger up"`);
}

function embeddedElasticsearch({ dataDir, ports }: Pick<Config, 'dataDir' | 'ports'>): ElasticsearchAddress {
  const nodes = [`http://127.0.0.1:${ports.elasticsearch}`];
  const password = passwordIfThere(dataDir, 'elasticsearch');
  return { nodes, login: password === null ? null : { username: APPLICATION_USER, password }, replicas: 0 };
}

/** Null: the engine has not been started here yet. Most callers that read all addresses do not need this one. */
function passwordIfThere(dataDir: string, engine: Secured): string | null {
  const password = readIfThere(applicationPasswordFile(dataDir, engine))?.trim();
  if (password === undefined) return null;
  keepSecret(password, APPLICATION_USER);
  return password;
}
