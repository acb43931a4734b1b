import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from '../config.ts';
import { editsBetween, isSlip } from './edits.ts';
import { KNOWN_SETTINGS } from './known.ts';
import { refuseMisspelt } from './misspelt.ts';

const root = new URL('../../', import.meta.url);
const example = readFileSync(new URL('.env.example', root), 'utf8');
const operations = readFileSync(new URL('docs/operations.md', root), 'utf8');

test('every setting of .env.example is known, and every known one stands there', () => {
  const listed = [...example.matchAll(/^(?:# )?([A-Z][A-Z_]+)=/gm)].map(([, name]) => name as string);
  // For docker-compose.yml alone.
  const ours = new Set(listed.filter((name) => !name.endsWith('_IMAGE')));
  const inWords = (name: string): boolean => name.endsWith('_FILE') && ours.has(name.replace(/_FILE$/, ''));
  const withoutFile = (name: string): boolean => ours.has(`${name}_FILE`);
  expect([...ours].filter((name) => !KNOWN_SETTINGS.includes(name))).toEqual([]);
  expect(KNOWN_SETTINGS.filter((name) => !ours.has(name) && !inWords(name) && !withoutFile(name))).toEqual([]);
});

test('every setting that is no secret in a file is in docs/operations.md', () => {
  const missing = KNOWN_SETTINGS.filter((name) => !operations.includes(name.replace(/_FILE$/, '')));
  expect(missing).toEqual([]);
});

describe('a misspelt setting is refused in one line', () => {
  test.each([
    ['ALOWED_LATENESS', 'ALLOWED_LATENESS'],
    ['ALLOWED_LATTENES', 'ALLOWED_LATENESS'],
    ['EVENT_KIND', 'EVENT_KINDS'],
    ['KAFKA_BROKER', 'KAFKA_BROKERS'],
    ['KAFKA_BROKRES', 'KAFKA_BROKERS'],
    ['KAFKA_SASL_PASWORD', 'KAFKA_SASL_PASSWORD'],
    ['CLICKHOUSE_UR', 'CLICKHOUSE_URL'],
    ['CLIKHOUSE_URL', 'CLICKHOUSE_URL'],
    ['ELASTICSEARCH_ULR', 'ELASTICSEARCH_URL'],
    ['API_ALLOWED_HOST', 'API_ALLOWED_HOSTS'],
    ['API_TOKEN_FILE', 'API_TOKENS_FILE'],
    ['METRIC_LISTEN', 'METRICS_LISTEN'],
    ['RECONCILIE_LIMIT', 'RECONCILE_LIMIT'],
    ['NIGHTLY_CORN', 'NIGHTLY_CRON'],
    ['DATA_DRI', 'DATA_DIR'],
    ['DAT_DIR', 'DATA_DIR'],
    ['LOG_GLOBB', 'LOG_GLOB'],
    ['API_PROT', 'API_PORT'],
    ['CLICKLEDGER_DATA_DIR', 'DATA_DIR'],
    ['CLICKLEDGER_ALOWED_LATENESS', 'ALLOWED_LATENESS'],
    ['CLICKLEDGER_DEBUGG', 'CLICKLEDGER_DEBUG'],
  ])('%s: did you mean %s?', (name, meant) => {
    const refuse = () => refuseMisspelt({ PATH: '/bin', [name]: 'a secret' });
    expect(refuse).toThrow(ConfigError);
    expect(refuse).toThrow(new RegExp(`^${name} is not a setting; did you mean ${meant}\\?( \\(if .*\\))?$`));
    expect(refuse).not.toThrow(/secret/);
  });

  test('what begins as ours and is like none', () => {
    const refuse = () => refuseMisspelt({ CLICKLEDGER_COLOUR: 'blue' });
    expect(refuse).toThrow('CLICKLEDGER_COLOUR is not a setting; docs/operations.md lists them');
  });

  test('an empty one counts as unset, and one that is named as of another program is passed over', () => {
    refuseMisspelt({ KAFKA_BROKER: '' });
    refuseMisspelt({ KAFKA_BROKER: 'x', EVENT_KIND: 'y', CLICKLEDGER_OTHERS: 'KAFKA_BROKER,EVENT_KIND' });
  });
});

describe('variables of others are passed over', () => {
  test.each([
    [
      'a shell',
      'PATH HOME USER LOGNAME SHELL LANG LC_ALL TZ PWD OLDPWD SHLVL TERM EDITOR HOSTNAME HOST HOSTTYPE HISTFILE',
    ],
    [
      'a desktop',
      'DISPLAY XDG_DATA_DIRS XDG_DATA_HOME XDG_RUNTIME_DIR XDG_SESSION_ID SESSION_MANAGER DBUS_SESSION_BUS_ADDRESS',
    ],
    ['ssh and sudo', 'SSH_AUTH_SOCK SSH_CLIENT SSH_CONNECTION SSH_TTY SUDO_USER SUDO_UID MAIL'],
    [
      'Node and npm',
      'NODE_ENV NODE_OPTIONS NODE_PATH npm_config_cache npm_lifecycle_event npm_package_name INIT_CWD COLOR FORCE_COLOR NO_COLOR',
    ],
    [
      'systemd',
      'INVOCATION_ID JOURNAL_STREAM NOTIFY_SOCKET LISTEN_FDS LISTEN_PID MAINPID MANAGERPID SYSTEMD_EXEC_PID RUNTIME_DIRECTORY STATE_DIRECTORY CACHE_DIRECTORY LOGS_DIRECTORY CONFIGURATION_DIRECTORY CREDENTIALS_DIRECTORY MEMORY_PRESSURE_WATCH WATCHDOG_USEC',
    ],
    [
      'CI',
      'CI GITHUB_ACTIONS GITHUB_EVENT_NAME GITHUB_EVENT_PATH GITHUB_TOKEN GITHUB_REF RUNNER_OS RUNNER_TEMP GITLAB_CI CI_JOB_ID CI_REGISTRY REGISTRY_URL CI_PROJECT_DIR BUILD_ID BUILD_NUMBER JENKINS_URL JOB_NAME TRAVIS CIRCLECI BUILDKITE TEAMCITY_VERSION VITEST',
    ],
    [
      'Kubernetes, for services named kafka, clickhouse, hive, elasticsearch, api and clickledger-api',
      `${[
        'KAFKA',
        'CLICKHOUSE',
        'HIVE',
        'ELASTICSEARCH',
        'API',
        'CLICKLEDGER',
        'CLICKLEDGER_API',
        'KAFKA_BROKERS',
        'DATA',
        'REGISTER',
      ]
        .flatMap((name) =>
          [
            'SERVICE_HOST',
            'SERVICE_PORT',
            'SERVICE_PORT_HTTP',
            'PORT',
            'PORT_80_TCP',
            'PORT_80_TCP_ADDR',
            'PORT_80_TCP_PORT',
            'PORT_80_TCP_PROTO',
          ].map((what) => `${name}_${what}`),
        )
        .join(' ')} KUBERNETES_SERVICE_HOST KUBERNETES_PORT POD_NAME POD_IP NODE_NAME NAMESPACE`,
    ],
    ['Docker', 'DOCKER_HOST DOCKER_CONFIG COMPOSE_PROJECT_NAME COMPOSE_FILE CLICKLEDGER_NAME CLICKLEDGER_ENV_PATH'],
    [
      'Kafka',
      'KAFKA_HEAP_OPTS KAFKA_OPTS KAFKA_HOME KAFKA_LOG4J_OPTS KAFKA_JVM_PERFORMANCE_OPTS KAFKA_BROKER_ID KAFKA_NODE_ID KAFKA_HOST KAFKA_LISTENERS KAFKA_LOG_DIRS KAFKA_ADVERTISED_LISTENERS KAFKA_VERSION JMX_PORT',
    ],
    [
      'Hive and Hadoop',
      'HIVE_HOME HIVE_CONF_DIR HIVE_OPTS HIVE_HOST HIVE_USER HIVE_VERSION HADOOP_HOME HADOOP_CONF_DIR TEZ_HOME JAVA_HOME',
    ],
    [
      'ClickHouse',
      'CLICKHOUSE_HOST CLICKHOUSE_USER CLICKHOUSE_DB CLICKHOUSE_DATABASE CLICKHOUSE_CONFIG CLICKHOUSE_UID CLICKHOUSE_DEFAULT_ACCESS_MANAGEMENT',
    ],
    [
      'Elasticsearch and Kibana',
      'ES_JAVA_OPTS ES_HOME ES_PATH_CONF ES_TMPDIR ELASTIC_PASSWORD ELASTICSEARCH_HOSTS ELASTICSEARCH_HOST ELASTICSEARCH_USERNAME',
    ],
    [
      'clouds',
      'AWS_REGION AWS_DEFAULT_REGION AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_PROFILE GOOGLE_CLOUD_REGION GOOGLE_APPLICATION_CREDENTIALS AZURE_REGION REGION_NAME',
    ],
    [
      'other programs',
      'APP_PORT APP_HOST API_KEY API_URL API_TOKEN DATADIR DB_HOST DB_PORT DATA_PATH DATA_DIRS LOG_LEVEL LOG_DIR LOG_FILE HOSTID HOST_IP HOST_UID PORT VERSION HTTP_PROXY NO_PROXY PGDATA PGHOST REDIS_URL DATABASE_URL GF_SECURITY_ADMIN_PASSWORD GRAFANA_PASSWORD PROMETHEUS_URL METRICS_PORT SEARCH_PATH EVENT_ID',
    ],
  ])('of %s', (_, names) => {
    for (const name of names.split(' ')) expect(() => refuseMisspelt({ [name]: 'x' }), name).not.toThrow();
  });

  test('the address of a service in a setting of the same name counts as unset', () => {
    const { ports, api } = readConfig({ KAFKA_PORT: 'tcp://10.0.0.1:9092', API_PORT: 'tcp://10.0.0.2:80' });
    expect([ports.kafka, api.port]).toEqual([9092, 8080]);
  });
});

test.each([
  ['abc', 'abc', 0],
  ['abc', 'abd', 1],
  ['abc', 'acb', 1],
  ['abc', 'ab', 1],
  ['', 'ab', 2],
  ['kitten', 'sitting', 3],
])('%s and %s are %i edits apart', (a, b, edits) => {
  expect([editsBetween(a, b), editsBetween(b, a)]).toEqual([edits, edits]);
});

test.each([
  ['DATA_DRI', true],
  ['DAT_DIR', true],
  ['DATADIR', false],
  ['DATA_DIRR', true],
  ['DATA_DIRS', false],
  ['DATA_DIR', false],
])('%s is a slip of DATA_DIR: %s', (typed, expected) => expect(isSlip(typed, 'DATA_DIR')).toBe(expected));
