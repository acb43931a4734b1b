import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { groupsOf, minutesName, TOPICS } from '../domain/names.ts';
import { readConfig } from '../infra/config.ts';
import { ANALYST, APPLICATION_USER, analystPasswordFile, applicationPasswordFile } from '../infra/embedded/password.ts';
import { ENGINE_NAMES } from '../infra/setup/engines.mjs';
import { environmentOf, listeningOf, processesOf } from './support/processes.ts';
import { asSecondUser, mayBeSomebodyElse, reachable } from './support/second_user.ts';
import { attempts, type HiveDeed, type KafkaDeed } from './support/stranger/deeds.ts';

const { dataDir, urls, ports } = readConfig(inject('env'));
const embedded = ENGINE_NAMES.filter((name) => urls[name] === undefined);
const OTHER_DATABASE = `other_users_${randomUUID().slice(0, 8)}`;
const contentOf = (path: string): string => readFileSync(path, 'utf8').trim();

test('the folder was open to everybody before the start, and is closed', () => {
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
});

/** Each has a password in it, but for the last two. */
const SECRET_FILES = [
  'engines/kafka/password',
  'engines/kafka/server.properties',
  'analysts/kafka',
  'analysts/kafka.properties',
  'engines/clickhouse/password',
  'engines/elasticsearch/password',
  'engines/hive/password',
  'engines/hive/config/hive-site.xml',
  'analysts/elasticsearch',
  'run/api.json',
  'logs-roles/api.log',
];

test.runIf(mayBeSomebodyElse)('another user of the machine reaches no file of DATA_DIR, even by name', () => {
  expect(reachable(dataDir)).toEqual([]);
  for (const path of SECRET_FILES) {
    expect(asSecondUser(['cat', join(dataDir, path)]).code).not.toBe(0);
  }
});

test.runIf(mayBeSomebodyElse)('its contents are closed too, where the folder itself must let others pass', () => {
  chmodSync(dataDir, 0o755);
  try {
    expect(reachable(dataDir)).toEqual([dataDir]);
  } finally {
    chmodSync(dataDir, 0o700);
  }
});

test.each(embedded)('%s has only the listed variables, not those of its supervisor', (name) => {
  const own = {
    kafka: [],
    clickhouse: [],
    elasticsearch: ['ES_JAVA_HOME', 'ES_PATH_CONF', 'ES_TMPDIR', 'ES_JAVA_OPTS'],
    hive: ['HADOOP_USER_NAME', 'HIVE_HOME', 'HADOOP_HOME', 'METASTORE_HOME', 'HIVE_CONF_DIR'],
  };
  // Variables added by the shells and launchers in between.
  const added = [
    'PWD',
    'OLDPWD',
    'SHLVL',
    '_',
    'LIBFFI_TMPDIR',
    'ES_HOME',
    'HOSTNAME',
    'ES_DISTRIBUTION_TYPE',
    'ES_JAVA_TYPE',
  ];
  const ofMachine = [
    'PATH',
    'HOME',
    'USER',
    'LOGNAME',
    'SHELL',
    'LANG',
    'LC_ALL',
    'TZ',
    'JAVA_HOME',
    'LD_LIBRARY_PATH',
  ];
  const named = [...ofMachine, ...added, ...(own[name as keyof typeof own] as string[])];
  for (const pid of processesOf(dataDir, name)) {
    const variables = environmentOf(pid);
    const names = variables.map((entry) => entry.slice(0, entry.indexOf('=')));
    expect(names.filter((one) => !named.includes(one) && !one.startsWith('AWS_'))).toEqual([]);
    expect(variables.filter((entry) => entry.includes('canary'))).toEqual([]);
  }
});

describe.runIf(mayBeSomebodyElse && urls.kafka === undefined)('Kafka, asked by another user of the machine', () => {
  const broker = `127.0.0.1:${ports.kafka}`;
  const topic = minutesName('click');
  const { sink } = groupsOf('click');
  const controllers = (): number[] =>
    processesOf(dataDir, 'kafka')
      .flatMap((pid) => listeningOf(pid).map(({ port }) => port))
      .filter((port) => port !== ports.kafka);
  const asks = (login: KafkaDeed['login'], deeds: [act: KafkaDeed['act'], of?: Partial<KafkaDeed>][]) =>
    attempts(deeds.map(([act, of]) => ({ engine: 'kafka', broker, login, act, topic, group: 'analyst-test', ...of })));
  const analyst = () => ({ username: ANALYST, password: contentOf(analystPasswordFile(dataDir, 'kafka')) });

  test('lets nobody in without a password, nor with a wrong one, at the port of the controller either', async () => {
    const [controller] = controllers();
    expect(controllers()).toEqual([expect.any(Number)]);
    const wrong = { username: APPLICATION_USER, password: 'wrong' };
    for (const login of [null, wrong, { username: ANALYST, password: '-' }]) {
      const answers = await asks(login, [['list'], ['metadata'], ['consume'], ['produce']]);
      const refusal = login === null ? /^Closed connection/ : /Authentication failed/;
      expect(answers).toEqual(answers.map(() => expect.stringMatching(refusal)));
    }
    expect(await attempts([{ engine: 'controller', port: Number(controller) }])).toEqual(['closed']);
    // The controller knows no analyst.
    for (const login of [wrong, analyst()]) {
      expect(await asks(login, [['list', { broker: `127.0.0.1:${controller}` }]])).toEqual([
        expect.stringContaining('Authentication failed'),
      ]);
    }
  });

  test('lets analysts read topics of events and counts, in groups of their own, and no more', async () => {
    const [listed, metadata, read] = await asks(analyst(), [['list'], ['metadata'], ['consume']]);
    expect(listed).toContain(topic);
    expect(listed).not.toContain(TOPICS.rejected);
    expect(metadata).toBe(`done: ${topic}`);
    expect(read).toMatch(/^done: read offset \d+$/);
    const deeds: Parameters<typeof asks>[1] = [
      ['produce'],
      ['produce', { topic: 'clicks' }],
      ['metadata', { topic: TOPICS.rejected }],
      ['consume', { topic: TOPICS.rejected }],
      ['consume', { group: sink }],
      ['offsets', { group: sink }],
      ['reset', { group: sink }],
      ['create', { topic: 'of-a-stranger' }],
      ['delete'],
      ['empty'],
      ['configure'],
      ['grant'],
    ];
    const answers = await asks(analyst(), deeds);
    // For a group that may not be seen kafkajs keeps what the broker said to itself.
    const refusal = /authorized|authorization failed|Failed to find group coordinator/i;
    expect(answers).toEqual(answers.map(() => expect.stringMatching(refusal)));
  });

  test('the platform’s own password opens what theirs does not', async () => {
    const login = { username: APPLICATION_USER, password: contentOf(applicationPasswordFile(dataDir, 'kafka')) };
    expect(
      await asks(login, [
        ['metadata', { topic: TOPICS.rejected }],
        ['offsets', { group: sink }],
      ]),
    ).toEqual([`done: ${TOPICS.rejected}`, 'done: offsets']);
  });

  test('no log has a password in it', () => {
    const passwords = [applicationPasswordFile, analystPasswordFile].map((file) => contentOf(file(dataDir, 'kafka')));
    for (const folder of ['logs-engines', 'logs-roles']) {
      for (const name of readdirSync(join(dataDir, folder))) {
        const log = readFileSync(join(dataDir, folder, name), 'utf8');
        expect([name, passwords.filter((password) => log.includes(password))]).toEqual([name, []]);
      }
    }
  });
});

describe.runIf(mayBeSomebodyElse && urls.hive === undefined)('Hive, asked by another user of the machine', () => {
  const asks = (
    deeds: (string | Partial<HiveDeed>)[],
    login: HiveDeed['login'] = { username: 'anna', password: 'any' },
  ) =>
    attempts(
      deeds.map((deed) => ({
        engine: 'hive',
        port: ports.hive,
        login,
        statement: 'SELECT 1 AS one',
        ...(typeof deed === 'string' ? { statement: deed } : deed),
      })),
    );

  test('lets nobody in as the platform without its password, by no detour', async () => {
    const password = contentOf(applicationPasswordFile(dataDir, 'hive'));
    expect(await asks(['dfs -ls /etc/passwd'], { username: APPLICATION_USER, password })).toEqual([
      expect.stringMatching(/^done: /),
    ]);
    for (const name of ['', '@x', '/x', '/x@y']) {
      for (const guess of ['wrong', ...(name === '' ? [] : ['none', password])]) {
        const login = { username: `${APPLICATION_USER}${name}`, password: guess };
        expect([login.username, ...(await asks([{}], login))]).toEqual([
          login.username,
          expect.not.stringMatching(/^done/),
        ]);
      }
    }
    const proxy = { configuration: { 'hive.server2.proxy.user': APPLICATION_USER } };
    expect(await asks([proxy])).toEqual([expect.stringContaining('Proxy user substitution is not allowed')]);
  });

  test('lets analysts read what was counted, under any name, as clients of Hive do', async () => {
    const answers = await asks([
      "SELECT count(*) AS n FROM ads.clicks WHERE dt = '2001-01-01'",
      "SELECT ad_id, sum(clicks) AS clicks FROM ads.clicks_per_minute WHERE dt = '2001-01-01' GROUP BY ad_id",
      'WITH a AS (SELECT 1 AS one) SELECT x.one FROM a x JOIN a y ON x.one = y.one JOIN a z ON z.one = y.one',
      { statement: 'SHOW TABLES', configuration: { 'use:database': 'ads' } },
      'DESCRIBE ads.clicks',
      'SHOW PARTITIONS ads.clicks_per_minute_runs',
      'EXPLAIN SELECT * FROM ads.batch_runs',
      'USE default',
      'SHOW DATABASES',
      { configuration: { 'set:hiveconf:hive.server2.thrift.resultset.default.fetch.size': '100' } },
    ]);
    expect(answers).toEqual(answers.map(() => expect.stringMatching(/^done: /)));
    expect(answers[0]).toBe('done: [{"n":0}]');
    // A text as any other: it would show the environment.
    const variable = `$${'{env:PATH}'}`;
    const [path] = await asks([`SELECT '${variable}' AS path`]);
    expect(path).toBe(`done: [{"path":"${variable}"}]`);
  });

  test('refuses them commands, settings, code, files and every change', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'clickledger-other-'));
    const refused = [
      'dfs -ls /',
      'ADD JAR /tmp/x.jar',
      `ADD FILE ${join(dataDir, 'engines', 'hive', 'password')}`,
      'SET hive.exec.post.hooks=x.Y',
      'SET env:PATH',
      'SET -v',
      'RESET',
      'LIST JARS',
      'DELETE JAR /tmp/x.jar',
      'RELOAD',
      'compile `x` AS GROOVY NAMED x.groovy',
      "CREATE TEMPORARY FUNCTION f AS 'org.apache.hadoop.hive.ql.udf.UDFLength'",
      'CREATE TEMPORARY MACRO m() 1',
      'CREATE TABLE ads.of_a_stranger (n INT)',
      'CREATE TABLE default.of_a_stranger (n INT)',
      "CREATE TEMPORARY TABLE of_a_stranger (line STRING) LOCATION 'file:///etc'",
      'CREATE TABLE default.of_a_stranger AS SELECT 1 AS n',
      'CREATE VIEW default.of_a_stranger AS SELECT 1 AS n',
      'CREATE DATABASE of_a_stranger',
      'DROP DATABASE ads CASCADE',
      'DROP TABLE ads.clicks_per_minute_runs',
      "ALTER TABLE ads.archived_clicks SET LOCATION 'file:///tmp'",
      "ALTER TABLE ads.archived_clicks ADD PARTITION (dt = '2001-01-01')",
      'MSCK REPAIR TABLE ads.archived_clicks',
      'ANALYZE TABLE ads.batch_runs COMPUTE STATISTICS',
      "INSERT INTO ads.clicks_per_minute_runs PARTITION (dt = '2001-01-01', run = 9) SELECT 'a', 0, 'USA', 1",
      `INSERT OVERWRITE LOCAL DIRECTORY '${elsewhere}' SELECT 1`,
      `INSERT OVERWRITE DIRECTORY 'file://${elsewhere}' SELECT 1`,
      `LOAD DATA LOCAL INPATH '/etc/passwd' INTO TABLE ads.batch_runs`,
      `EXPORT TABLE ads.batch_runs TO 'file://${elsewhere}/x'`,
      "SELECT TRANSFORM (a) USING 'cat' AS (b) FROM (SELECT 'x' AS a) t",
      "SELECT reflect('java.lang.System', 'getenv', 'PATH')",
      "SELECT java_method('java.lang.System', 'getenv', 'PATH')",
      "SELECT in_file('a', '/etc/passwd')",
      'SHOW CONF "hive.exec.post.hooks"',
      'GRANT SELECT ON TABLE ads.batch_runs TO USER anna',
      'SET ROLE ADMIN',
      `SELECT * FROM ${OTHER_DATABASE}.secrets`,
      { configuration: { 'set:system:clickledger.test': 'x' } },
      { configuration: { 'set:hivevar:mode': 'HPLSQL' } },
      { configuration: { 'set:metaconf:metastore.batch.retrieve.max': '1' } },
      { configuration: { 'set:hiveconf:hive.exec.post.hooks': 'x.Y' } },
      { configuration: { 'hive.exec.post.hooks': 'x.Y' } },
      { configuration: { 'hive.security.authorization.enabled': 'false' } },
    ];
    const platform = { username: APPLICATION_USER, password: contentOf(applicationPasswordFile(dataDir, 'hive')) };
    const there = [`CREATE DATABASE ${OTHER_DATABASE}`, `CREATE VIEW ${OTHER_DATABASE}.secrets AS SELECT 1 AS n`];
    expect(await asks(there, platform)).toEqual(there.map(() => expect.stringMatching(/^done/)));
    try {
      const answers = await asks(refused);
      const done = refused.filter((_, n) => answers[n]?.startsWith('done'));
      expect(done).toEqual([]);
      // Not for another reason: a wrong statement, a table that is not there.
      expect(
        answers.filter(
          (answer) =>
            !/Insufficient privileges|Permission denied|disallowed in current|is not allowed|at runtime/i.test(answer),
        ),
      ).toEqual([]);
      expect(readdirSync(elsewhere)).toEqual([]);
    } finally {
      await asks([`DROP DATABASE ${OTHER_DATABASE} CASCADE`], platform);
      rmSync(elsewhere, { recursive: true });
    }
  });
});

test.runIf(mayBeSomebodyElse && urls.clickhouse === undefined)(
  'ClickHouse lets another user in as analyst only',
  async () => {
    const url = (user: string): string => `http://127.0.0.1:${ports.clickhouse}/?${user}`;
    const question = 'SELECT count() >= 0 FROM ads.batch_runs';
    const answers = await attempts([
      { engine: 'http', url: url('user=analyst'), body: question },
      { engine: 'http', url: url('user=analyst'), body: 'TRUNCATE TABLE ads.batch_runs' },
      { engine: 'http', url: url('user=analyst'), body: "SELECT * FROM file('/etc/passwd', 'LineAsString')" },
      { engine: 'http', url: url(''), body: question },
      { engine: 'http', url: url('user=default'), body: question },
      { engine: 'http', url: url(`user=${APPLICATION_USER}`), body: question },
    ]);
    const [asAnalyst, ...others] = answers;
    expect(asAnalyst).toMatch(/^done: 1/);
    expect(others).toEqual(
      others.map(() => expect.stringMatching(/ACCESS_DENIED|AUTHENTICATION_FAILED|READONLY|REQUIRED_PASSWORD/)),
    );
  },
);

test.runIf(mayBeSomebodyElse && urls.elasticsearch === undefined)(
  'Elasticsearch lets another user in by no port without a password',
  async () => {
    const open = processesOf(dataDir, 'elasticsearch').flatMap((pid) => listeningOf(pid).map(({ port }) => port));
    expect(open).toContain(ports.elasticsearch);
    const answers = await attempts(
      open.map((port) => ({ engine: 'http', url: `http://127.0.0.1:${port}/_cluster/health` })),
    );
    expect(answers).toEqual(
      open.map((port) =>
        port === ports.elasticsearch ? expect.stringMatching(/^401/) : expect.not.stringMatching(/^done/),
      ),
    );
  },
);
