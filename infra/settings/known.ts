import { SETTINGS } from '../config.ts';

const ADDRESSES = ['KAFKA_BROKERS', 'CLICKHOUSE_URL', 'ELASTICSEARCH_URL', 'HIVE_URL'];
const SECRETS = [
  'API_TOKENS',
  'KAFKA_SASL_PASSWORD',
  'CLICKHOUSE_PASSWORD',
  'ELASTICSEARCH_PASSWORD',
  'ELASTICSEARCH_API_KEY',
  'HIVE_PASSWORD',
];
const OF_ENGINES = [
  'KAFKA_SSL',
  'KAFKA_SSL_CA_FILE',
  'KAFKA_SSL_CERT_FILE',
  'KAFKA_SSL_KEY_FILE',
  'KAFKA_SASL_MECHANISM',
  'KAFKA_SASL_USERNAME',
  'KAFKA_REPLICATION',
  'KAFKA_MIN_INSYNC_REPLICAS',
  'CLICKHOUSE_CA_FILE',
  'ELASTICSEARCH_CA_FILE',
  'ELASTICSEARCH_REPLICAS',
  'HIVE_CA_FILE',
];

/** What .env.example lists. */
export const KNOWN_SETTINGS: readonly string[] = [
  ...SETTINGS,
  ...ADDRESSES,
  ...SECRETS.flatMap((name) => [name, `${name}_FILE`]),
  ...OF_ENGINES,
];

export const PREFIX = 'CLICKLEDGER_';
/** Names of variables that look like settings and are those of another program, by comma. */
export const OTHERS = `${PREFIX}OTHERS`;

/** What begins with the prefix: for tests, debugging and docker-compose.yml, and what our processes tell each other. */
export const PREFIXED: readonly string[] = [
  OTHERS,
  ...['CACHE', 'DEBUG', 'TIMINGS', 'JAVA_OPTIONS', 'SUPERVISED', 'KILL_ORDERS', 'BIN', 'IMAGE', 'WHO'].map(
    (name) => PREFIX + name,
  ),
];
