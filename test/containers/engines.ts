import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';
import { parse } from 'yaml';
import { javaHome } from '../../infra/embedded/java.ts';
import { APPLICATION_USER } from '../../infra/embedded/password.ts';
import { kafkaSettings } from '../../infra/engine_settings/addresses.ts';
import { defaultCacheDir } from '../../infra/setup/engines.mjs';
import { freePort } from '../../infra/supervisor/ports.ts';
import { BRIEF_JVMS } from '../support/brief_jvms.ts';
import { IMAGE } from './image.ts';

type Tested = 'kafka' | 'clickhouse' | 'elasticsearch';

export interface ContainerEngines {
  /** Settings by which the platform reaches them. */
  settings: Record<string, string>;
  stop(): Promise<void>;
}

const START_LIMIT_MS = 180_000;
const PASSWORD = 'of-a-container-of-tests';
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Docker bounds it by what the machine allows, and refuses more. */
const OPEN_FILES = 262_144;

/**
 * Kafka, ClickHouse and Elasticsearch in containers: from the official images of docker-compose.yml, or from images made
 * here (npm run test:containers says which, in CONTAINER_ENGINES).
 */
export async function startContainerEngines(): Promise<ContainerEngines> {
  const start = process.env.CONTAINER_ENGINES === 'made here' ? startOwn : startOfficial;
  const started = await Promise.allSettled([start('kafka'), start('clickhouse'), start('elasticsearch')]);
  const good = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(good.map(({ container }) => container.stop()));
  };
  const failed = started.find((one) => one.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return { settings: Object.assign({}, ...good.map(({ settings }) => settings)), stop };
}

interface Started {
  container: StartedTestContainer;
  settings: Record<string, string>;
}

/** @param user null: it asks nobody who he is */
const settingsOf = (name: Tested, port: number, user: string | null): Record<string, string> => {
  if (name === 'kafka') {
    const sasl = user === null ? null : { mechanism: 'plain' as const, username: user, password: PASSWORD };
    return kafkaSettings({ brokers: [`127.0.0.1:${port}`], tls: null, sasl });
  }
  const prefix = name.toUpperCase();
  return { [`${prefix}_URL`]: `http://${user}@127.0.0.1:${port}`, [`${prefix}_PASSWORD`]: PASSWORD };
};

/** The embedded engine in our own image: its program and Java are this machine's. */
async function startOwn(name: Tested): Promise<Started> {
  const port = await freePort();
  const [programs, data, source] = ['/programs', '/tmp/data', '/opt/clickledger/test/containers/engine.ts'];
  const java = javaHome();
  // Debian keeps parts of Java's configuration there.
  const configuration = `/etc/${basename(java).replace(/-amd64$/, '')}`;
  const mounted = [java, configuration].filter(existsSync).map((path) => ({ source: path, target: path }));
  const container = await new GenericContainer(IMAGE)
    .withEntrypoint(['node', '--import', 'tsx', source, name, String(port), programs, data])
    .withNetworkMode('host')
    .withBindMounts([
      ...[...mounted, { source: defaultCacheDir(process.env), target: programs }].map((mount) => ({
        ...mount,
        mode: 'ro' as const,
      })),
      { source: fileURLToPath(new URL('engine.ts', import.meta.url)), target: source, mode: 'ro' },
    ])
    .withEnvironment({ JAVA_HOME: java, ENGINE_PASSWORD: PASSWORD, ...BRIEF_JVMS })
    .withWaitStrategy(Wait.forLogMessage(`${name} ready`))
    .withStartupTimeout(START_LIMIT_MS)
    .start();
  return { container, settings: settingsOf(name, port, APPLICATION_USER) };
}

const OFFICIAL_USERS = { kafka: null, clickhouse: APPLICATION_USER, elasticsearch: 'elastic' } as const;

/** With the settings that docker-compose.yml gives it, but one password for all. */
async function startOfficial(name: Tested): Promise<Started> {
  const { services } = parse(readFileSync(`${ROOT}docker-compose.yml`, 'utf8'), { merge: true }) as {
    services: Record<string, { image: string; environment: Record<string, string | number> }>;
  };
  const { image = '', environment = {} } = services[name] ?? {};
  const [, variable = '', standard = ''] = /^\$\{(\w+):-(.+)\}$/.exec(image) ?? [];
  const port = await freePort();
  const given = Object.entries(environment)
    .filter(([setting]) => !setting.endsWith('_FILE'))
    .map(([setting, value]) => [setting, String(value)]);
  const inside = { kafka: 9092, clickhouse: 8123, elasticsearch: 9200 }[name];
  const container = await new GenericContainer(process.env[variable] || standard)
    .withEnvironment({ ...Object.fromEntries(given), ...ownSettings(name, port) })
    .withExposedPorts({ container: name === 'kafka' ? port : inside, host: port })
    .withUlimits(name === 'clickhouse' ? { nofile: { soft: OPEN_FILES, hard: OPEN_FILES } } : {})
    .withWaitStrategy(WAITS[name])
    .withStartupTimeout(START_LIMIT_MS)
    .start();
  return { container, settings: settingsOf(name, port, OFFICIAL_USERS[name]) };
}

const ownSettings = (name: Tested, port: number): Record<string, string> =>
  ({
    // The address that a client is sent on to is the one it came to.
    kafka: {
      KAFKA_LISTENERS: `PLAINTEXT://:${port},CONTROLLER://:9093`,
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
    },
    clickhouse: { CLICKHOUSE_PASSWORD: PASSWORD },
    elasticsearch: { ELASTIC_PASSWORD: PASSWORD },
  })[name];

const WAITS = {
  kafka: Wait.forLogMessage(/Kafka Server started/),
  clickhouse: Wait.forHttp('/ping', 8123),
  elasticsearch: Wait.forHttp('/_cluster/health', 9200).withBasicCredentials('elastic', PASSWORD),
};
