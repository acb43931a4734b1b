/** Contents of PEM files. */
export interface Tls {
  /** Absent: the certificate authorities that Node brings. */
  ca?: string;
  /** What a client shows of itself, with its key. */
  cert?: string;
  key?: string;
}

/** How a client of Kafka says who it is. Another mechanism is one more member here and in `saslOf` (clients/kafka/client.ts). */
export interface Sasl {
  mechanism: SaslMechanism;
  username: string;
  password: string;
}

export const SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
export type SaslMechanism = (typeof SASL_MECHANISMS)[number];

export interface KafkaAddress {
  brokers: string[];
  tls: Tls | null;
  sasl: Sasl | null;
  /** Copies of each topic that is made now; absent: three, or as many as there are brokers. */
  replication?: number;
  /** How many copies must have a message before it is acknowledged; absent: two where there are three copies. */
  minInSync?: number;
}

/** As settings: for another process on the same Kafka. Only of one without TLS. */
export const kafkaSettings = ({ brokers, sasl }: KafkaAddress): Record<string, string> => ({
  KAFKA_BROKERS: brokers.join(),
  ...(sasl && {
    KAFKA_SASL_MECHANISM: sasl.mechanism.toUpperCase(),
    KAFKA_SASL_USERNAME: sasl.username,
    KAFKA_SASL_PASSWORD: sasl.password,
  }),
});

/** The user that requests over HTTP are sent as. */
export interface Login {
  username: string;
  password: string;
}

export interface ClickHouseAddress {
  /** Without user and password. */
  url: string;
  login: Login | null;
  ca?: string;
}

export interface ElasticsearchAddress {
  /** URLs without user and password. */
  nodes: string[];
  login: Login | { apiKey: string } | null;
  ca?: string;
  /** Copies of each index beside the first; absent: one where there are several data nodes, otherwise none. */
  replicas?: number;
}

export interface HiveAddress extends Login {
  /** Servers of one Hive: the first that answers is asked. */
  hosts: { host: string; port: number }[];
  transport: 'binary' | 'http';
  /** The path that the HTTP transport asks. */
  httpPath: string;
  tls: Tls | null;
}

/** The engines with a URL setting; the others are embedded. */
export interface EngineAddresses {
  kafka?: KafkaAddress;
  clickhouse?: ClickHouseAddress;
  hive?: HiveAddress;
  elasticsearch?: ElasticsearchAddress;
}

/** As settings: for another process on the same Hive. Only of one without TLS and HTTP. */
export const hiveSettings = ({ username, password, ...at }: HiveAddress): Record<string, string> =>
  password === ANY_PASSWORD
    ? { HIVE_URL: shownHive(at) }
    : { HIVE_URL: `hive://${username}@${shownHive(at)}`, HIVE_PASSWORD: password };

/** What a Hive without authentication takes from anybody; no secret. */
export const ANY_PASSWORD = 'none';

/** For people: hosts and ports, and nothing secret. */
export const shownHive = ({ hosts }: Pick<HiveAddress, 'hosts'>): string =>
  hosts.map(({ host, port }) => `${host}:${port}`).join(',');
