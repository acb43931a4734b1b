import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultCacheDir, type EngineName, ensureEngines } from '../../../infra/setup/engines.mjs';
import { Supervisor } from '../../../infra/supervisor/supervisor.ts';
import { BRIEF_JVMS } from '../brief_jvms.ts';
import { Authority } from '../certificates.ts';
import { securedClickHouse } from './clickhouse.ts';
import { securedElasticsearch, startKeyFront } from './elasticsearch.ts';
import { type Front, startFront } from './front.ts';
import { securedHive } from './hive.ts';
import { securedKafka } from './kafka.ts';
import { HOST, PASSWORD, type SecuredSite, USER } from './site.ts';

export type Settings = Record<string, string>;

export interface SecuredEngines {
  folder: string;
  /** Settings by which each engine is reached as it should be. */
  good: Record<EngineName, Settings>;
  /** The same engine behind a certificate that is out of date. */
  expired: Record<EngineName, Settings>;
  /** An authority that signed nothing of all this. */
  otherAuthority: string;
  /** Settings of a Kafka that asks for a certificate of the client, and the right one. */
  mutual: Settings;
  clientCertificate: Settings;
  /** An Elasticsearch that asks for an API key. */
  keyUrl: string;
  hiveHttpPort: number;
  hivePort: number;
  /** SIGKILLs a broker, which stays away until the returned function is called. */
  killBroker(id: number): () => void;
  stop(): Promise<void>;
}

/** Four engines as an organisation has them, with one start for all tests of a file. */
export async function startSecuredEngines(): Promise<SecuredEngines> {
  Object.assign(process.env, BRIEF_JVMS);
  const folder = mkdtempSync(join(tmpdir(), 'clickledger-secured-'));
  const certificates = join(folder, 'certificates');
  mkdirSync(certificates);
  const authority = new Authority(certificates);
  const hosts = { hosts: [`DNS:${HOST}`] };
  const [server, expired] = [authority.sign('server', hosts), authority.sign('expired', { ...hosts, days: -1 })];
  const site: SecuredSite = { folder, authority, server, expired };
  await ensureEngines({
    cacheDir: defaultCacheDir(process.env),
    names: ['kafka', 'clickhouse', 'elasticsearch', 'hive'],
    log: () => {},
  });
  const [kafka, clickhouse] = [await securedKafka(site), await securedClickHouse(site)];
  const [elasticsearch, hive] = [await securedElasticsearch(site), await securedHive(site)];

  const supervisor = new Supervisor({ dataDir: folder, onEvent: () => {} });
  const fronts: Front[] = [];
  const front = async (certificate: typeof server, port: number, isTls = false): Promise<number> => {
    const opened = await startFront(certificate, { port, isTls });
    fronts.push(opened);
    return opened.port;
  };
  const killBroker = (id: number): (() => void) => {
    const pid = supervisor.rows().find(({ name }) => name === `kafka-${id}`)?.pid;
    if (typeof pid !== 'number') throw new Error(`broker ${id} does not run`);
    kafka.away.add(id);
    process.kill(pid, 'SIGKILL');
    return () => void kafka.away.delete(id);
  };
  const stop = async (): Promise<void> => {
    kafka.away.clear();
    await Promise.all([supervisor.stop(), ...fronts.map((one) => one.close())]);
    if (!process.env.KEEP_TEST_DATA) rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const one of [...kafka.processes, clickhouse.process, elasticsearch.process, hive.process])
      supervisor.add(one);
    await supervisor.start();
    await kafka.grant();
    const keyFront = await startKeyFront(site, elasticsearch.port);
    fronts.push(keyFront);
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
    const ca = authority.file;
    const kafkaAt = (brokers: string[]): Settings => ({
      KAFKA_BROKERS: brokers.join(','),
      KAFKA_SSL: 'on',
      KAFKA_SSL_CA_FILE: ca,
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
      KAFKA_SASL_USERNAME: USER,
      KAFKA_SASL_PASSWORD_FILE: passwordFile,
    });
    const clickhouseAt = (port: number): Settings => ({
      CLICKHOUSE_URL: `https://${USER}@${HOST}:${port}`,
      CLICKHOUSE_CA_FILE: ca,
      CLICKHOUSE_PASSWORD_FILE: passwordFile,
    });
    const elasticsearchAt = (port: number): Settings => ({
      ELASTICSEARCH_URL: `https://${USER}@${HOST}:${port}`,
      ELASTICSEARCH_CA_FILE: ca,
      ELASTICSEARCH_PASSWORD_FILE: passwordFile,
    });
    const hiveAt = (port: number): Settings => ({
      HIVE_URL: `hive2://${USER}@${HOST}:${port}/;ssl=true`,
      HIVE_CA_FILE: ca,
      HIVE_PASSWORD_FILE: passwordFile,
    });
    const own = authority.sign('client');
    return {
      folder,
      good: {
        kafka: kafkaAt(kafka.addresses.CLIENTS),
        clickhouse: clickhouseAt(await front(server, clickhouse.port)),
        elasticsearch: elasticsearchAt(elasticsearch.port),
        hive: hiveAt(hive.ports.binary),
      },
      expired: {
        kafka: kafkaAt(kafka.addresses.EXPIRED),
        clickhouse: clickhouseAt(await front(expired, clickhouse.port)),
        elasticsearch: elasticsearchAt(await front(expired, elasticsearch.port, true)),
        hive: hiveAt(await front(expired, hive.ports.binary, true)),
      },
      otherAuthority: new Authority(certificates, 'other').file,
      mutual: { KAFKA_BROKERS: kafka.addresses.MUTUAL.join(','), KAFKA_SSL: 'on', KAFKA_SSL_CA_FILE: ca },
      clientCertificate: { KAFKA_SSL_CERT_FILE: own.cert, KAFKA_SSL_KEY_FILE: own.key },
      keyUrl: `https://${HOST}:${keyFront.port}`,
      hiveHttpPort: hive.ports.http,
      hivePort: hive.ports.binary,
      killBroker,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
