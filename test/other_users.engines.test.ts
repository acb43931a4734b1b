import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { groupsOf, minutesName, TOPICS } from '../domain/names.ts';
import { readConfig } from '../infra/config.ts';
import { ANALYST, APPLICATION_USER, analystPasswordFile, applicationPasswordFile } from '../infra/embedded/password.ts';
import { ENGINE_NAMES } from '../infra/setup/engines.mjs';
import { environmentOf, listeningOf, processesOf } from './support/processes.ts';
import { asSecondUser, mayBeSomebodyElse, reachable } from './support/second_user.ts';
import { attempts, type KafkaDeed } from './support/stranger/deeds.ts';

const { dataDir, urls, ports } = readConfig(inject('env'));
const embedded = ENGINE_NAMES.filter((name) => urls[name] === undefined);
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
  'analysts/elasticsearch',
  'run/api.json',
  'logs-roles/api.log',
];

test.runIf(mayBeSomebodyElse)('another user of the machine reaches no file of DATA_DIR, even by name', () => {
  expect(reachable(dataDir)).toEqual([]);
  for (const path of [...SECRET_FILES]) {
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
