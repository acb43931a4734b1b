import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY_MS, dayOf } from '../domain/time.ts';
import { createElasticsearch } from '../infra/clients/elasticsearch.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { withHive } from '../infra/clients/hive.ts';
import { createKafka, ensureTopics, topicFacts } from '../infra/clients/kafka.ts';
import { readConfig } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';
import { MIGRATE } from '../infra/schema.ts';
import type { EngineName } from '../infra/setup/engines.mjs';
import { lineOf } from '../prove/oracle.ts';
import { type Platform, platformEnv, startPlatform } from '../prove/platform.ts';
import { type RowsOf, writeRows } from '../serving/indexer/bulk.ts';
import { clickledger, clickledgerJson, count } from './support/client.ts';
import { testAd, testDays } from './support/days.ts';
import { type SecuredEngines, type Settings, startSecuredEngines } from './support/secured/engines.ts';
import { FAULTS, faultOf, TITLE, withWrongPassword } from './support/secured/faults.ts';
import { API_KEY, KEY_WITHOUT, PASSWORD, USER, WRONG_PASSWORD } from './support/secured/site.ts';
import { eventually } from './support/wait.ts';

const LIMIT_MS = 300_000;
const ENGINES = ['kafka', 'clickhouse', 'elasticsearch', 'hive'] as const;
const dataDir = mkdtempSync(join(tmpdir(), 'clickledger-secured-data-'));
const log = createLog('secured-test');
log.level = 'silent';
let engines: SecuredEngines;
let platform: Platform | undefined;

/** All four as they should be, with what a test changes. */
const settings = (changed: Settings = {}): Settings => ({
  DATA_DIR: dataDir,
  EVENT_KINDS: 'click',
  ...engines.good.kafka,
  ...engines.good.clickhouse,
  ...engines.good.elasticsearch,
  ...engines.good.hive,
  ...changed,
});
const migrate = (engine: EngineName, changed: Settings = {}): Promise<string[]> =>
  MIGRATE[engine](readConfig(settings(changed)), () => {});
const lineFrom = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it was accepted',
    (error: Error) => error.message,
  );

beforeAll(async () => {
  engines = await startSecuredEngines();
  // What every other test needs, and the first that the platform does.
  for (const engine of ENGINES) await migrate(engine);
}, LIMIT_MS);
afterAll(async () => {
  await platform?.stop();
  await engines?.stop();
  rmSync(dataDir, { recursive: true, force: true });
}, LIMIT_MS);

describe('a fault is one line that names engine, setting and remedy', () => {
  test.each(FAULTS.flatMap((fault) => ENGINES.map((engine) => [engine, fault] as const)))(
    '%s: %s',
    async (engine, fault) => {
      const [change, says, setting] = faultOf(fault);
      const line = await lineFrom(migrate(engine, change(engines, engine)));
      expect(line).toMatch(new RegExp(`^${TITLE[engine]} at (localhost|127\\.0\\.0\\.1):`));
      expect(line).toMatch(says);
      expect(line).toContain(setting[engine]);
      expect(line).not.toContain('\n');
    },
  );
});

describe('Kafka', () => {
  const connected = async <T>(
    changed: Settings,
    ask: (admin: ReturnType<ReturnType<typeof createKafka>['admin']>) => Promise<T>,
  ) => {
    const admin = createKafka(engineUrls(readConfig(settings(changed))).kafka, 'secured-test', log).admin();
    await admin.connect();
    return ask(admin).finally(() => admin.disconnect());
  };
  const withoutSasl = () => ({ KAFKA_SASL_MECHANISM: '', KAFKA_SASL_USERNAME: '', KAFKA_SASL_PASSWORD_FILE: '' });

  test.each(['PLAIN', 'SCRAM-SHA-256', 'scram-sha-512'])('accepts %s', async (mechanism) => {
    const { brokers } = await connected({ KAFKA_SASL_MECHANISM: mechanism }, (admin) => admin.describeCluster());
    expect(brokers).toHaveLength(3);
  });

  test('accepts a certificate of the client, and none without it', async () => {
    const mutual = { ...engines.mutual, ...withoutSasl() };
    const { brokers } = await connected({ ...mutual, ...engines.clientCertificate }, (admin) =>
      admin.describeCluster(),
    );
    expect(brokers).toHaveLength(3);
    const line = await lineFrom(connected(mutual, (admin) => admin.describeCluster()));
    expect(line).toMatch(
      /the server asks for a certificate that it trusts: set KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE$/,
    );
  });

  test('has each topic on three brokers, two of which must have a message, unless it is set otherwise', async () => {
    const topic = `clicks.${testAd('copies')}`;
    const spec = { topic, partitions: 1, config: {} };
    await connected({}, async (admin) => {
      const facts = await topicFacts(admin, ['clicks', 'ad-minutes']);
      for (const { settings } of facts) {
        expect(settings?.get('min.insync.replicas')).toBe('2');
        expect(settings?.get('unclean.leader.election.enable')).toBe('false');
      }
      await expect(ensureTopics(admin, [spec], { replication: 4 })).rejects.toThrow(
        /^KAFKA_REPLICATION: is 4, and Kafka has 3/,
      );
      await ensureTopics(admin, [spec], { replication: 2, minInSync: 1 });
      const { topics } = await admin.fetchTopicMetadata({ topics: ['clicks', topic] });
      const copies = topics.map(({ name, partitions }) => [name, partitions[0]?.replicas.length]);
      expect(Object.fromEntries(copies)).toEqual({ clicks: 3, [topic]: 2 });
      expect((await topicFacts(admin, [topic]))[0]?.settings?.get('min.insync.replicas')).toBe('1');
    });
    const lines: string[] = [];
    await MIGRATE.kafka(readConfig(settings({ KAFKA_REPLICATION: '4' })), (line) => lines.push(line));
    expect(lines).toContain(
      'topic clicks is on 3 broker(s), KAFKA_REPLICATION is 4: kafka-reassign-partitions.sh changes it',
    );
  });
});

describe('Elasticsearch', () => {
  const byKey = (key: string): Settings =>
    settings({ ELASTICSEARCH_URL: engines.keyUrl, ELASTICSEARCH_PASSWORD_FILE: '', ELASTICSEARCH_API_KEY: key });
  const health = async (changed: Settings) => {
    const client = createElasticsearch(engineUrls(readConfig(settings(changed))).elasticsearch);
    return client.cluster.health().finally(() => client.close());
  };

  test('is asked by an API key, which is refused when it is another', async () => {
    expect(await health(byKey(API_KEY))).toMatchObject({ number_of_data_nodes: 1 });
    const line = await lineFrom(health(byKey('another')));
    expect(line).toMatch(
      /^Elasticsearch at localhost:\d+: user and password are refused .* correct ELASTICSEARCH_API_KEY/,
    );
  });

  const refused = (right: string): RegExp =>
    new RegExp(
      `Elasticsearch at localhost:\\d+: the user may not do this \\([^\\n]* privileges \\[[^\\n\\]]*\\b${right}\\b[^\\n]*\\): grant it ` +
        '[^\\n]*ELASTICSEARCH_API_KEY[^\\n]*$',
    );

  test('says which right a key lacks: for migrate, at the start of the indexer, and for each bulk request', async () => {
    const migrating = MIGRATE.elasticsearch(readConfig(byKey(KEY_WITHOUT.cluster)), () => {});
    expect(await lineFrom(migrating)).toMatch(refused('manage_index_templates'));

    // It may read, and it may write none of it.
    await MIGRATE.elasticsearch(readConfig(byKey(KEY_WITHOUT.write)), () => {});
    const { code, stderr } = await clickledger(byKey(KEY_WITHOUT.write), 'run', 'indexer');
    const fatal = stderr.split('\n').find((line) => line.includes('indexer stops: ')) ?? '{}';
    expect([code, JSON.parse(fatal).msg]).toEqual([1, expect.stringMatching(refused('create_index'))]);

    const index = 'ad-minutes-2001.01.02-rt';
    const owner = createElasticsearch(engineUrls(readConfig(settings())).elasticsearch);
    await owner.indices.create({ index });
    const rows: RowsOf = { event: 'click', day: '2001-01-02', source: 'rt', rows: [[0, 'ad', 'USA', 1]] };
    for (const key of [KEY_WITHOUT.write, KEY_WITHOUT.minutes]) {
      const reader = createElasticsearch(engineUrls(readConfig(byKey(key))).elasticsearch);
      expect(await lineFrom(writeRows(reader, [rows]))).toMatch(refused('write'));
      expect((await reader.count({ index })).count).toBe(0);
      await reader.close();
    }
    await owner.indices.delete({ index });
    await owner.close();
  });

  test('is asked at another node when one does not answer', async () => {
    const url = `https://${USER}@localhost:1,${engines.good.elasticsearch.ELASTICSEARCH_URL}`;
    for (let i = 0; i < 4; i++) expect(await health({ ELASTICSEARCH_URL: url })).toMatchObject({ timed_out: false });
  });

  test('keeps as many copies of each index as is set, of those that are there too', async () => {
    const client = createElasticsearch(engineUrls(readConfig(settings())).elasticsearch);
    await client.indices.create({ index: 'ad-minutes-rt-2001.01.01' }, { ignore: [400] });
    for (const replicas of ['1', '0']) {
      await migrate('elasticsearch', { ELASTICSEARCH_REPLICAS: replicas });
      const found = await client.indices.getSettings({ index: 'ad-minutes-*', flat_settings: true });
      for (const { settings } of Object.values(found)) {
        expect(settings).toMatchObject({ 'index.number_of_replicas': replicas });
      }
    }
    await client.indices.delete({ index: 'ad-minutes-rt-2001.01.01' });
    await client.close();
  });
});

test.each([
  ['over TCP', () => `localhost:${engines.hivePort}/;ssl=true`],
  ['over HTTP', () => `localhost:${engines.hiveHttpPort}/;transportMode=http;httpPath=cliservice;ssl=true`],
  ['at the second server, when the first is away', () => `localhost:1,localhost:${engines.hivePort}/;ssl=true`],
])('Hive answers %s', async (_, at) => {
  const { hive } = engineUrls(readConfig(settings({ HIVE_URL: `hive2://${USER}@${at()}` })));
  const rows = await withHive(hive, log, (session) => session.rows("SELECT 'a' AS one"), 'default');
  expect(rows).toEqual([{ one: 'a' }]);
});

test('Hive over HTTP refuses a wrong password and another authority with the same lines', async () => {
  const http = `hive2://${USER}@localhost:${engines.hiveHttpPort}/;transportMode=http;httpPath=cliservice;ssl=true`;
  const ask = (changed: Settings): Promise<string> => {
    const { hive } = engineUrls(readConfig(settings({ HIVE_URL: http, ...changed })));
    return lineFrom(withHive(hive, log, (session) => session.execute('SELECT 1'), 'default'));
  };
  expect(await ask(withWrongPassword('hive'))).toMatch(
    /^Hive at localhost:\d+: user and password are refused .*HIVE_PASSWORD/,
  );
  expect(await ask({ HIVE_CA_FILE: engines.otherAuthority })).toMatch(/^Hive at localhost:\d+: .* set HIVE_CA_FILE/);
});

test('nothing that is printed has a secret in it, right or wrong', { timeout: LIMIT_MS }, async () => {
  const wrong = settings(Object.assign({}, ...ENGINES.map(withWrongPassword)));
  const inUrl = encodeURIComponent(WRONG_PASSWORD);
  const inUrls = { ...engines.good.kafka, CLICKHOUSE_URL: `https://${USER}:${inUrl}@localhost:1x`, DATA_DIR: dataDir };
  const debug = { CLICKLEDGER_DEBUG: '1' };
  const outputs: string[] = [];
  for (const [env, ...args] of [
    [wrong, 'status'],
    [wrong, 'status', '--json'],
    [wrong, 'migrate'],
    [wrong, 'run', 'realtime'],
    [wrong, 'run', 'indexer'],
    [wrong, '--help'],
    [wrong, 'migrate', '--help'],
    [inUrls, 'migrate'],
    [settings(), 'status'],
    [settings(), 'migrate'],
  ] as [Settings, ...string[]][]) {
    const { stdout, stderr } = await clickledger({ ...env, ...debug }, ...args);
    outputs.push(`${args.join(' ')}\n${stdout}${stderr}`);
  }
  const everything = outputs.join('\n');
  const parts = [PASSWORD, WRONG_PASSWORD].flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
    Buffer.from(`${USER}:${secret}`).toString('base64'),
    // Also when it is cut.
    secret.slice(0, 9),
  ]);
  for (const part of parts) expect(everything.includes(part), part).toBe(false);
  // They did come as far as the engines.
  for (const engine of ENGINES)
    expect(outputs[0]).toMatch(new RegExp(`${TITLE[engine]} at localhost:\\d+.*user and password`));
  expect(outputs[3]).toMatch(/realtime stops: Kafka at .*user and password are refused/);
  expect(outputs[7]).toMatch(/^clickledger: CLICKHOUSE_URL: /m);
});

test('the whole platform runs on them, also without a broker: clicks are counted, and counted again from Hive', {
  timeout: 2 * LIMIT_MS,
}, async () => {
  const [day, ad, clicks] = [testDays(), testAd('secured'), 50];
  const own = { ALLOWED_LATENESS: '2s', NIGHTLY_CRON: '0 0 1 1 *', HOST_ID: 'secured', CLICKLEDGER_TIMINGS: 'short' };
  const env = await platformEnv(dataDir, settings(own));
  platform = await startPlatform(env);
  mkdirSync(join(dataDir, 'logs'), { recursive: true });
  let written = 0;
  /** Writes more clicks, and waits until the API has as many as were written, no more and no fewer. */
  async function countMore(): Promise<void> {
    const facts = Array.from({ length: clicks }, (_, i) => ({
      ad,
      at: day + (written + i) * 60_000,
      user: `user ${i}`,
      ip: '10.0.0.1',
      country: 'USA',
      id: `${ad}-${written + i}`,
    }));
    written += clicks;
    appendFileSync(join(dataDir, 'logs', 'web.log'), facts.map((fact) => `${lineOf(fact)}\n`).join(''));
    const isAnswered = async (): Promise<boolean> => (await count(env, ad, day, day + DAY_MS)).count === written;
    await eventually(`${written} clicks are answered`, isAnswered, 120_000);
  }
  appendFileSync(join(dataDir, 'logs', 'web.log'), 'no click\n');
  await countMore();

  const admin = createKafka(engineUrls(readConfig(settings())).kafka, 'secured-test', log).admin();
  await admin.connect();
  const { topics } = await admin.fetchTopicMetadata({ topics: ['clicks'] });
  const brokers = async (): Promise<number> => (await admin.describeCluster()).brokers.length;
  const startAgain = engines.killBroker(Number(topics[0]?.partitions[0]?.leader));
  try {
    await eventually('two brokers are left', async () => (await brokers()) === 2);
    await countMore();
    expect(await brokers()).toBe(2);
  } finally {
    startAgain();
  }
  await eventually('it is there again', async () => (await brokers()) === 3, 120_000);
  await countMore();
  await admin.disconnect();

  const range = ['--from', dayOf(day), '--to', dayOf(day + DAY_MS)];
  await clickledgerJson(env, 'rebuild', ...range, '--reason', 'a day of the secured engines');
  const { count: counted, receipt } = await count(env, ad, day, day + DAY_MS);
  expect([counted, receipt.status]).toEqual([written, 'final']);
  expect(await clickledgerJson(env, 'rejected')).toMatchObject({ reasons: [{ reason: 'not_a_click', count: 1 }] });
  // A role that a busy machine has made late is ready in a moment.
  const status = await eventually('all is ready', async () => {
    const now = await clickledgerJson<{ engines: object[]; ready: boolean }>(env, 'status');
    return now.ready && now;
  });
  expect(status).toMatchObject({ engines: ENGINES.map(() => ({ state: 'ready', reason: null })) });
});
