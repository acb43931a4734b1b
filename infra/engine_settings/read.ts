import { ConfigError } from '../config_error.ts';
import { hostAndPort } from '../hosts.ts';
import { keepSecret, withoutUser } from '../secrets.ts';
import {
  ANY_PASSWORD,
  type ClickHouseAddress,
  type ElasticsearchAddress,
  type EngineAddresses,
  type HiveAddress,
  type KafkaAddress,
  SASL_MECHANISMS,
  type Sasl,
  type Tls,
} from './addresses.ts';
import {
  authorityOf,
  clientCertificateOf,
  type Given,
  integerOf,
  loginOf,
  refuseWithout,
  secretNames,
  secretOf,
  urlOf,
  withoutLogin,
} from './given.ts';

/** The engines that have a URL, with all that is needed to reach them. Throws ConfigError naming the first bad setting. */
export function readAddresses(given: Given): EngineAddresses {
  const [kafka, clickhouse] = [kafkaOf(given), clickHouseOf(given)];
  const [hive, elasticsearch] = [hiveOf(given), elasticsearchOf(given)];
  return {
    ...(kafka && { kafka }),
    ...(clickhouse && { clickhouse }),
    ...(hive && { hive }),
    ...(elasticsearch && { elasticsearch }),
  };
}

const MAX_COPIES = 32;
const KAFKA_FILES = ['KAFKA_SSL_CA_FILE', 'KAFKA_SSL_CERT_FILE', 'KAFKA_SSL_KEY_FILE'];
const KAFKA_LOGIN = ['KAFKA_SASL_USERNAME', ...secretNames('KAFKA_SASL_PASSWORD')];
const KAFKA_COPIES = ['KAFKA_REPLICATION', 'KAFKA_MIN_INSYNC_REPLICAS'];

function kafkaOf(given: Given): KafkaAddress | undefined {
  const text = given.KAFKA_BROKERS;
  const others = ['KAFKA_SSL', ...KAFKA_FILES, 'KAFKA_SASL_MECHANISM', ...KAFKA_LOGIN, ...KAFKA_COPIES];
  refuseWithout(given, others, text !== undefined, 'KAFKA_BROKERS');
  if (text === undefined) return undefined;
  const brokers = text.split(',').map((part) => part.trim());
  if (!brokers.every(isHostPort))
    throw new ConfigError(`KAFKA_BROKERS: is "${withoutUser(text)}"; expected host:port[,host:port…]`);
  const replication = integerOf(given, 'KAFKA_REPLICATION', 1, MAX_COPIES);
  const minInSync = integerOf(given, 'KAFKA_MIN_INSYNC_REPLICAS', 1, MAX_COPIES);
  if (minInSync !== undefined && minInSync > (replication ?? MAX_COPIES)) {
    throw new ConfigError(
      `KAFKA_MIN_INSYNC_REPLICAS: is ${minInSync}, with KAFKA_REPLICATION=${replication} no message would be acknowledged`,
    );
  }
  return {
    brokers,
    tls: kafkaTlsOf(given),
    sasl: saslOf(given),
    ...(replication !== undefined && { replication }),
    ...(minInSync !== undefined && { minInSync }),
  };
}

const isHostPort = (text: string): boolean => /^[^\s:/@]+:\d+$|^\[[^\]]+\]:\d+$/.test(text);

function kafkaTlsOf(given: Given): Tls | null {
  const ssl = given.KAFKA_SSL;
  if (ssl !== undefined && ssl !== 'on' && ssl !== 'off') {
    throw new ConfigError(`KAFKA_SSL: is "${ssl}"; expected on or off`);
  }
  refuseWithout(given, KAFKA_FILES, ssl === 'on', 'KAFKA_SSL=on');
  if (ssl !== 'on') return null;
  return {
    ...authorityOf(given, 'KAFKA_SSL_CA_FILE'),
    ...clientCertificateOf(given, 'KAFKA_SSL_CERT_FILE', 'KAFKA_SSL_KEY_FILE'),
  };
}

function saslOf(given: Given): Sasl | null {
  const text = given.KAFKA_SASL_MECHANISM;
  refuseWithout(given, KAFKA_LOGIN, text !== undefined, 'KAFKA_SASL_MECHANISM');
  if (text === undefined) return null;
  const mechanism = SASL_MECHANISMS.find((one) => one === text.toLowerCase());
  if (mechanism === undefined) {
    const known = SASL_MECHANISMS.map((one) => one.toUpperCase()).join(', ');
    throw new ConfigError(`KAFKA_SASL_MECHANISM: is "${text}"; expected one of ${known}`);
  }
  const username = given.KAFKA_SASL_USERNAME;
  if (username === undefined) throw new ConfigError('KAFKA_SASL_USERNAME: is not set, but KAFKA_SASL_MECHANISM is');
  const password = secretOf(given, 'KAFKA_SASL_PASSWORD');
  if (password === undefined) {
    throw new ConfigError('KAFKA_SASL_PASSWORD: is not set, nor KAFKA_SASL_PASSWORD_FILE, but KAFKA_SASL_MECHANISM is');
  }
  return { mechanism, username, password };
}

function clickHouseOf(given: Given): ClickHouseAddress | undefined {
  const text = given.CLICKHOUSE_URL;
  const others = [...secretNames('CLICKHOUSE_PASSWORD'), 'CLICKHOUSE_CA_FILE'];
  refuseWithout(given, others, text !== undefined, 'CLICKHOUSE_URL');
  if (text === undefined) return undefined;
  const url = urlOf('CLICKHOUSE_URL', text);
  refuseWithout(given, ['CLICKHOUSE_CA_FILE'], url.protocol === 'https:', 'an https:// address in CLICKHOUSE_URL');
  const login = withPassword(given, 'CLICKHOUSE', loginOf('CLICKHOUSE_URL', url));
  return {
    url: withoutLogin(url),
    login: login.username === '' ? null : login,
    ...authorityOf(given, 'CLICKHOUSE_CA_FILE'),
  };
}

function elasticsearchOf(given: Given): ElasticsearchAddress | undefined {
  const text = given.ELASTICSEARCH_URL;
  const [password, key] = [secretNames('ELASTICSEARCH_PASSWORD'), secretNames('ELASTICSEARCH_API_KEY')];
  const others = [...password, ...key, 'ELASTICSEARCH_CA_FILE', 'ELASTICSEARCH_REPLICAS'];
  refuseWithout(given, others, text !== undefined, 'ELASTICSEARCH_URL');
  if (text === undefined) return undefined;
  const urls = text.split(',').map((part) => urlOf('ELASTICSEARCH_URL', part.trim()));
  const allSecure = urls.every(({ protocol }) => protocol === 'https:');
  refuseWithout(given, ['ELASTICSEARCH_CA_FILE'], allSecure, 'https:// addresses alone in ELASTICSEARCH_URL');
  const named = urls.map((url) => loginOf('ELASTICSEARCH_URL', url)).filter(({ username }) => username !== '');
  const [first = { username: '', password: '' }, ...rest] = named;
  if (rest.some((login) => login.username !== first.username || login.password !== first.password)) {
    throw new ConfigError('ELASTICSEARCH_URL: names several users or passwords: all nodes are asked as the same one');
  }
  const apiKey = secretOf(given, 'ELASTICSEARCH_API_KEY');
  if (apiKey !== undefined && (first.username !== '' || password.some((name) => given[name] !== undefined))) {
    throw new ConfigError('ELASTICSEARCH_API_KEY: is set, and a user or password too: leave one of them out');
  }
  const login = withPassword(given, 'ELASTICSEARCH', first);
  const replicas = integerOf(given, 'ELASTICSEARCH_REPLICAS', 0, MAX_COPIES);
  return {
    nodes: urls.map(withoutLogin),
    login: apiKey !== undefined ? { apiKey } : login.username === '' ? null : login,
    ...authorityOf(given, 'ELASTICSEARCH_CA_FILE'),
    ...(replicas !== undefined && { replicas }),
  };
}

const HIVE_FORM =
  '[hive://][user[:password]@]host:port[,host:port…][/][;transportMode=http][;httpPath=cliservice][;ssl=true]';

function hiveOf(given: Given): HiveAddress | undefined {
  const text = given.HIVE_URL;
  refuseWithout(given, [...secretNames('HIVE_PASSWORD'), 'HIVE_CA_FILE'], text !== undefined, 'HIVE_URL');
  if (text === undefined) return undefined;
  const address = parseHiveUrl(text);
  if (address === null) throw new ConfigError(`HIVE_URL: is "${withoutUser(text)}"; expected ${HIVE_FORM}`);
  refuseWithout(given, ['HIVE_CA_FILE'], address.tls !== null, ';ssl=true in HIVE_URL');
  if (address.password !== '') keepSecret(address.password, address.username);
  const login = withPassword(given, 'HIVE', address);
  return {
    ...address,
    username: login.username || 'clickledger',
    password: login.password || ANY_PASSWORD,
    tls: address.tls && authorityOf(given, 'HIVE_CA_FILE'),
  };
}

/** User and password are empty where none is named; null: it is no address of Hive. */
export function parseHiveUrl(text: string): HiveAddress | null {
  const match = /^(?:hive2?:\/\/)?(?:([^\s:@/;]+)(?::([^\s@/]*))?@)?([^\s/@;]+)\/?((?:;\w+=[^\s;]*)*);?$/.exec(text);
  const [, username = '', password = '', hosts = '', more = ''] = match ?? [];
  const options = new Map(
    more
      .split(';')
      .filter(Boolean)
      .map((option) => option.split('=') as [string, string]),
  );
  const [transport, ssl] = [options.get('transportMode') ?? 'binary', options.get('ssl') ?? 'false'];
  const isKnown = [...options.keys()].every((name) => ['transportMode', 'httpPath', 'ssl'].includes(name));
  if (!match || !isKnown || !hosts.split(',').every(isHostPort)) return null;
  if ((transport !== 'binary' && transport !== 'http') || !/^(true|false)$/.test(ssl)) return null;
  return {
    hosts: hosts.split(',').map(hostAndPort),
    username,
    password,
    transport,
    httpPath: options.get('httpPath') ?? 'cliservice',
    tls: ssl === 'true' ? {} : null,
  };
}

/** The user that the URL names, with the password of the URL or of its own setting. */
function withPassword<Named extends { username: string; password: string }>(
  given: Given,
  engine: string,
  login: Named,
): { username: string; password: string } {
  const secret = secretOf(given, `${engine}_PASSWORD`);
  const { username } = login;
  if (secret === undefined) return { username, password: login.password };
  if (login.password !== '') {
    throw new ConfigError(`${engine}_PASSWORD: is set, and ${engine}_URL has a password too: leave one of them out`);
  }
  if (username === '') throw new ConfigError(`${engine}_PASSWORD: ${engine}_URL names no user: user@host`);
  keepSecret(secret, username);
  return { username, password: secret };
}
