import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TOPICS } from '../domain/names.ts';
import { createClickHouse } from '../infra/clients/clickhouse.ts';
import { createElasticsearch } from '../infra/clients/elasticsearch.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { type Admin, createKafka } from '../infra/clients/kafka.ts';
import { readConfig } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';
import type { RoleName } from '../infra/role.ts';
import { MIGRATE } from '../infra/schema.ts';
import { freePort } from '../infra/supervisor/ports.ts';
import { lineOf } from '../prove/oracle.ts';
import { BIN } from '../prove/platform.ts';
import { type ContainerEngines, startContainerEngines } from './containers/engines.ts';
import { clickledger, count } from './support/client.ts';
import { eventually } from './support/wait.ts';

/** Engines that are reached by their addresses alone: no process and no folder of theirs is on this machine. */
const ENGINES = ['kafka', 'clickhouse', 'elasticsearch'] as const;
const COUNTING: RoleName[] = ['ingest', 'realtime', 'publisher', 'indexer', 'api'];
const DAY = '2021-04-01';
const NEXT_DAY = '2021-04-02';
const CONFIG_OF_A_TOPIC = 2;

const dataDir = mkdtempSync(join(tmpdir(), 'clickledger-testcontainers-'));
const logs = join(dataDir, 'logs');
const log = createLog('containers-test');
log.level = 'silent';
const roles: ChildProcess[] = [];
let engines: ContainerEngines;
let env: Record<string, string>;
let admin: Admin;

const click = (n: number, id = `c${n}`, event?: 'impression') =>
  `${lineOf({ ...(event && { event }), ad: 'box', at: Date.parse(DAY) + n * 1_000, user: `u${n}`, ip: '10.0.0.1', country: 'NZ', id })}\n`;
const write = (...lines: string[]): void => appendFileSync(join(logs, 'web.log'), lines.join(''));
const untilCount = (wanted: number, more = '') =>
  eventually(`${wanted} are counted`, async () => {
    const answer = await count(env, 'box', DAY, NEXT_DAY, more);
    return answer.count === wanted && answer;
  });
const policyOf = (topic: string, policy: string) =>
  admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        type: CONFIG_OF_A_TOPIC,
        name: topic,
        configEntries: [
          { name: 'cleanup.policy', value: policy },
          { name: 'message.timestamp.type', value: 'LogAppendTime' },
        ],
      },
    ],
  });

beforeAll(async () => {
  mkdirSync(logs);
  engines = await startContainerEngines();
  const [apiPort, hivePort] = [await freePort(), await freePort()];
  env = {
    ...engines.settings,
    DATA_DIR: dataDir,
    API_PORT: String(apiPort),
    // Where no Hive is: only nightly runs need one.
    HIVE_PORT: String(hivePort),
    ALLOWED_LATENESS: '2s',
    EVENT_KINDS: 'click,impression',
  };
  admin = createKafka(engineUrls(readConfig(env)).kafka, 'containers-test', log).admin();
  await admin.connect();
});
afterAll(async () => {
  const running = roles.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  await Promise.all(
    running.map((role) => {
      role.kill('SIGTERM');
      return once(role, 'exit');
    }),
  );
  await admin?.disconnect();
  await engines?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function migrate(): Promise<string[]> {
  const applied: string[] = [];
  for (const engine of ENGINES) applied.push(...(await MIGRATE[engine](readConfig(env), () => {})));
  return applied;
}

test('migrations are applied to empty engines', async () => {
  expect((await migrate()).length).toBeGreaterThan(5);
});

test('and not a second time', async () => {
  expect(await migrate()).toEqual([]);
});

test('ClickHouse has the tables', async () => {
  const clickhouse = createClickHouse(engineUrls(readConfig(env)).clickhouse);
  const answer = await clickhouse.query({ query: 'EXISTS TABLE ads.clicks', format: 'JSONEachRow' });
  expect(await answer.json()).toEqual([{ result: 1 }]);
  await clickhouse.close();
});

test('Kafka has the topics, four partitions of clicks', async () => {
  const { topics } = await admin.fetchTopicMetadata({ topics: ['clicks', TOPICS.clock] });
  const partitionsOf = Object.fromEntries(topics.map(({ name, partitions }) => [name, partitions.length]));
  expect(partitionsOf).toEqual({ clicks: 4, [TOPICS.clock]: 1 });
});

test('Elasticsearch has the templates', async () => {
  const elasticsearch = createElasticsearch(engineUrls(readConfig(env)).elasticsearch);
  expect(await elasticsearch.indices.existsIndexTemplate({ name: 'clickledger-ad-minutes' })).toBe(true);
  await elasticsearch.close();
});

test('a role does not start on a topic that somebody has compacted', async () => {
  await policyOf('clicks', 'compact');
  const { code, stderr } = await clickledger(env, 'run', 'realtime');
  expect(code).toBe(1);
  expect(stderr).toContain('topic clicks: cleanup.policy is compact, must be delete');
  await policyOf('clicks', 'delete');
});

test('a wrong password is one line that names the setting', async () => {
  const { code, stderr } = await clickledger({ ...env, CLICKHOUSE_PASSWORD: 'another-one' }, 'migrate');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^clickledger: ClickHouse at 127\.0\.0\.1:\d+: .*CLICKHOUSE_PASSWORD/m);
});

test('clicks are counted from log line to answer', async () => {
  for (const role of COUNTING) {
    roles.push(spawn(process.execPath, [BIN, 'run', role], { env: { ...process.env, ...env }, stdio: 'ignore' }));
  }
  write(click(1), click(2), click(3));
  const answer = await untilCount(3);
  expect(answer.receipt.status).toBe('provisional');
});

test('a line that is sent again is counted once, and a broken one not at all', async () => {
  write(click(1), click(2), 'no click\n', click(4));
  await untilCount(4);
});

test('Elasticsearch answers about minutes that are closed', async () => {
  const answer = await eventually('the indexer has written them', async () => {
    const now = await count(env, 'box', DAY, NEXT_DAY);
    return now.receipt.sources.join() === 'elasticsearch' && now;
  });
  expect(answer.count).toBe(4);
});

test('impressions are counted by themselves', async () => {
  write(click(1, 'i1', 'impression'), click(2, 'i2', 'impression'));
  await untilCount(2, '&event=impression');
  await untilCount(4);
});

test('a killed sink goes on without counting anything twice', async () => {
  const sink = roles[COUNTING.indexOf('realtime')] as ChildProcess;
  sink.kill('SIGKILL');
  await once(sink, 'exit');
  write(click(3), click(5), click(6));
  roles.push(spawn(process.execPath, [BIN, 'run', 'realtime'], { env: { ...process.env, ...env }, stdio: 'ignore' }));
  await untilCount(6);
});
