import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { clicksTopic } from '../../domain/names.ts';
import { eventually } from '../../test/support/wait.ts';
import { createClickHouse, rows } from '../clients/clickhouse.ts';
import { engineUrls } from '../clients/engines.ts';
import { BrokerClock, createKafka } from '../clients/kafka.ts';
import { readConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { openFindings } from '../register/findings.ts';
import { openRegister } from '../register/open.ts';
import type { RoleContext } from '../role.ts';
import { checkOneClickHouse } from './one_clickhouse.ts';
import { withPreflight } from './preflight.ts';

const env = inject('env');
const urls = engineUrls(readConfig(env));
const log = createLog('preflight-test');
log.level = 'silent';
const admin = createKafka(urls.kafka, 'preflight-test', log).admin();
const clickhouse = createClickHouse(urls.clickhouse);
const folder = mkdtempSync(join(tmpdir(), 'preflight-'));
const region = `t${randomBytes(4).toString('hex')}`;
const topic = clicksTopic(region);

beforeAll(() => admin.connect());
afterAll(async () => {
  await admin.deleteTopics({ topics: [topic] }).catch(() => {});
  await Promise.all([admin.disconnect(), clickhouse.close()]);
  rmSync(folder, { recursive: true });
});

const configOf = (name: string, more: Record<string, string> = {}) =>
  readConfig({ ...env, REGISTER_URL: pathToFileURL(join(folder, name)).href, ...more });
function contextOf(config: RoleContext['config'], onFail: (error: unknown) => void = () => {}): RoleContext {
  const fail = (error: unknown): never => {
    onFail(error);
    return undefined as never;
  };
  const clock = new BrokerClock(() => Promise.reject(new Error('not read here')), 'none');
  return { config, log, metrics: new Registry(), clock, fail };
}
const alter = (settings: Record<string, string>) =>
  admin.alterConfigs({
    validateOnly: false,
    resources: [
      { type: 2, name: topic, configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })) },
    ],
  });

test('a role does not start on topics that somebody else made, and ends when one is changed', async () => {
  await admin.createTopics({
    topics: [{ topic, numPartitions: 2, configEntries: [{ name: 'cleanup.policy', value: 'compact' }] }],
  });
  const config = configOf('topics', { REGIONS: region });
  const register = openRegister(config);
  let [starts, stops] = [0, 0];
  const failures: unknown[] = [];
  const ingest = withPreflight('ingest', async () => {
    starts += 1;
    return {
      async stop() {
        stops += 1;
      },
    };
  });
  const start = () => ingest(contextOf(config, (error) => failures.push(error)));
  await expect(start()).rejects.toThrow(
    new RegExp(
      `topic ${topic}: message\\.timestamp\\.type is CreateTime, must be LogAppendTime.*cleanup\\.policy is compact`,
    ),
  );
  expect(starts).toBe(0);
  expect(await openFindings(register)).toHaveLength(2);

  await alter({ 'message.timestamp.type': 'LogAppendTime', 'cleanup.policy': 'delete' });
  const service = await start();
  expect(await openFindings(register)).toEqual([]);
  await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
  await eventually('the log monitor to end, so that it counts with all partitions', async () =>
    failures.some((error) => String(error).includes(`topic ${topic} has 3 partitions, it had 2`)),
  );
  await alter({ 'message.timestamp.type': 'LogAppendTime', 'cleanup.policy': 'compact,delete' });
  await eventually('the changed setting to be found', async () =>
    (await openFindings(register)).some(({ what }) => what.includes('cleanup.policy is compact,delete')),
  );
  await service.stop();
  expect([starts, stops]).toEqual([1, 1]);
});

test('a role starts on the stores of its register, and not with the register of another platform', async () => {
  const service = { stop: async () => {} };
  const publisher = withPreflight('publisher', async () => service);
  const started = await publisher(contextOf(readConfig(env)));
  await started.stop();
  const other = configOf('other');
  await expect(publisher(contextOf(other))).rejects.toThrow(
    /^CLICKHOUSE_URL: ClickHouse at .* belongs to another platform, or REGISTER_URL names another register/,
  );
  expect(await openFindings(openRegister(other))).toMatchObject([{ code: 'store_refused' }]);
  const api = withPreflight('api', async () => service);
  await expect(api(contextOf(other))).rejects.toThrow(/belongs to another platform/);
  const indexer = withPreflight('indexer', async () => service);
  await expect(indexer(contextOf(other))).rejects.toThrow(/^ELASTICSEARCH_URL: Elasticsearch at .* another platform/);
});

test('the API starts although no engine answers', async () => {
  const away = { CLICKHOUSE_URL: 'http://127.0.0.1:1', ELASTICSEARCH_URL: 'http://127.0.0.1:1' };
  const started = await withPreflight('api', async () => ({ stop: async () => {} }))(contextOf(configOf('away', away)));
  await started.stop();
});

test('this ClickHouse is one server', () => checkOneClickHouse(urls.clickhouse));

test("a user's profile that cuts answers short changes none of ours", async () => {
  const user = `profile_test_${randomBytes(4).toString('hex')}`;
  const settings = [
    "group_by_overflow_mode = 'any'",
    'max_rows_to_group_by = 10',
    "result_overflow_mode = 'break'",
    'max_result_rows = 1',
    'max_block_size = 1',
    'limit = 1',
    'offset = 1',
    'join_use_nulls = 1',
    'aggregate_functions_null_for_empty = 1',
    'empty_result_for_aggregation_by_empty_set = 1',
    'transform_null_in = 1',
    'prefer_column_name_to_alias = 1',
    "count_distinct_implementation = 'uniq'",
    "session_timezone = 'Asia/Tokyo'",
    "additional_result_filter = '0'",
    'use_query_cache = 1',
    'async_insert = 1',
  ];
  const run = (query: string) => clickhouse.command({ query });
  await run(`CREATE USER ${user} IDENTIFIED BY 'x' SETTINGS ${settings.join(', ')}`);
  try {
    await run(`GRANT SELECT ON system.* TO ${user}`);
    const url = new URL(urls.clickhouse);
    [url.username, url.password] = [user, 'x'];
    const foreign = createClickHouse(url.href);
    try {
      for (const query of [
        'SELECT number % 1000 AS n, count() AS clicks FROM numbers(100000) GROUP BY n ORDER BY n',
        'SELECT count(DISTINCT number % 70001) AS n FROM numbers(200000)',
        'SELECT l.number AS a, r.number AS b FROM numbers(5) AS l LEFT JOIN numbers(3) AS r ON l.number = r.number ORDER BY a',
        'SELECT sum(number) AS total, max(number) AS last FROM numbers(10) WHERE number > 100',
        'SELECT number + 1 AS number FROM numbers(5) WHERE number > 3 ORDER BY number',
        "SELECT toString(toStartOfDay(toDateTime('2026-01-01 20:00:00'))) AS day",
      ]) {
        expect(await rows(foreign, query)).toEqual(await rows(clickhouse, query));
      }
    } finally {
      await foreign.close();
    }
  } finally {
    await run(`DROP USER ${user}`);
  }
});
