import type { EngineName } from '../../../infra/setup/engines.mjs';
import type { SecuredEngines, Settings } from './engines.ts';
import { READER, USER, WRONG_PASSWORD } from './site.ts';

type OfEngine = Record<EngineName, string>;

export const TITLE: OfEngine = {
  kafka: 'Kafka',
  clickhouse: 'ClickHouse',
  elasticsearch: 'Elasticsearch',
  hive: 'Hive',
};
const SECRET: OfEngine = {
  kafka: 'KAFKA_SASL_PASSWORD',
  clickhouse: 'CLICKHOUSE_PASSWORD',
  elasticsearch: 'ELASTICSEARCH_PASSWORD',
  hive: 'HIVE_PASSWORD',
};
const AUTHORITY: OfEngine = {
  kafka: 'KAFKA_SSL_CA_FILE',
  clickhouse: 'CLICKHOUSE_CA_FILE',
  elasticsearch: 'ELASTICSEARCH_CA_FILE',
  hive: 'HIVE_CA_FILE',
};
const ADDRESS: OfEngine = {
  kafka: 'KAFKA_BROKERS',
  clickhouse: 'CLICKHOUSE_URL',
  elasticsearch: 'ELASTICSEARCH_URL',
  hive: 'HIVE_URL',
};

/** Instead of the file with the right one. */
export const withWrongPassword = (engine: EngineName): Settings => ({
  [`${SECRET[engine]}_FILE`]: '',
  [SECRET[engine]]: WRONG_PASSWORD,
});

/** What is changed, what the line says, and the setting that it names. */
type Fault = [change: (engines: SecuredEngines, engine: EngineName) => Settings, says: RegExp, setting: OfEngine];

const addressIn = ({ good }: SecuredEngines, engine: EngineName): string => String(good[engine][ADDRESS[engine]]);

const TABLE: Record<string, Fault> = {
  'another authority': [
    ({ otherAuthority }, engine) => ({ [AUTHORITY[engine]]: otherAuthority }),
    /the server's certificate is signed by nobody who is trusted here \(.+\): set/,
    AUTHORITY,
  ],
  'a wrong password': [
    (_, engine) => withWrongPassword(engine),
    /user and password are refused \(.+\): correct/,
    SECRET,
  ],
  'a certificate out of date': [
    ({ expired }, engine) => expired[engine],
    /the server's certificate is out of date \(.*certificate has expired\): have the server's certificate renewed/,
    ADDRESS,
  ],
  'a user without the right': [
    (engines, engine) =>
      engine === 'kafka'
        ? { KAFKA_SASL_USERNAME: READER }
        : { [ADDRESS[engine]]: addressIn(engines, engine).replace(`${USER}@`, `${READER}@`) },
    /the user may not do this \(.+\): grant it what docs\/operations\.md lists/,
    SECRET,
  ],
  'a host that the certificate is not for': [
    (engines, engine) => ({ [ADDRESS[engine]]: addressIn(engines, engine).replaceAll('localhost', '127.0.0.1') }),
    /the server's certificate is for another host \(.+\): write in/,
    ADDRESS,
  ],
};

export const FAULTS = Object.keys(TABLE);
export const faultOf = (name: string): Fault => TABLE[name] as Fault;
