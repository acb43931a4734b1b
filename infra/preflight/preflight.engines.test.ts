import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { eventTopic } from '../../domain/event_kinds.ts';
import { TOPICS } from '../../domain/names.ts';
import { eventually } from '../../test/support/wait.ts';
import { createClickHouse } from '../clients/clickhouse.ts';
import { engineUrls } from '../clients/engines.ts';
import { BrokerClock, createKafka } from '../clients/kafka.ts';
import { readConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { openFindings } from '../register/findings.ts';
import { openRegister } from '../register/open.ts';
import { beginRestore } from '../register/restores.ts';
import type { RoleContext } from '../role.ts';
import { checkOneClickHouse } from './one_clickhouse.ts';
import { withPreflight } from './preflight.ts';
import { replaceStore } from './stores.ts';

const env = inject('env');
const urls = engineUrls(readConfig(env));
const log = createLog('preflight-test');
log.level = 'silent';
const admin = createKafka(urls.kafka, 'preflight-test', log).admin();
const clickhouse = createClickHouse(urls.clickhouse);
const folder = mkdtempSync(join(tmpdir(), 'preflight-'));
const region = `t${randomBytes(4).toString('hex')}`;
const topic = eventTopic('click', region);

beforeAll(() => admin.connect());
afterAll(async () => {
  await admin.deleteTopics({ topics: [topic] }).catch(() => {});
  await Promise.all([admin.disconnect(), clickhouse.close()]);
  rmSync(folder, { recursive: true });
});

const configOf = (name: string, more: Record<string, string> = {}) =>
  readConfig({ ...env, REGISTER_URL: pathToFileURL(join(folder, name)).href, ...more });
/** Roles that are refused do not ask what time it is. */
const clock = new BrokerClock(() => Promise.reject(new Error('not asked for')), TOPICS.clock);

function contextOf(config: RoleContext['config'], onFail: (error: unknown) => void = () => {}): RoleContext {
  const fail = (error: unknown): never => {
    onFail(error);
    return undefined as never;
  };
  return { config, log, metrics: new Registry(), metricsOf: () => new Registry(), clock, fail };
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

test('a role that works ends when its Kafka is given up, and goes on only with the one that takes its place', async () => {
  const config = configOf('given-up');
  const register = openRegister(config);
  const id = (await admin.describeCluster()).clusterId;
  await replaceStore(register, 'kafka', id, Date.now());
  const failures: unknown[] = [];
  const ingest = withPreflight('ingest', async () => ({ stop: async () => {} }));
  const start = () => ingest(contextOf(config, (error) => failures.push(error)));
  const working = await start();
  await beginRestore(register, 'kafka', Date.now(), id);
  await eventually('the role that works to end', async () =>
    failures.some((error) => String(error).includes('Kafka is given up by "./clickledger restore --new-kafka"')),
  );
  await working.stop();
  // One that starts now waits (after_restore.ts).
  const waiting = await start();
  await replaceStore(register, 'kafka', 'successor', Date.now());
  await eventually('the role that waits on the wrong one to end', async () =>
    failures.some((error) => String(error).includes(`is another one (${id}) than the one on record (successor)`)),
  );
  await waiting.stop();
  await expect(start()).rejects.toThrow('than the one on record (successor)');
});

test('the API starts although no engine answers', async () => {
  const away = { CLICKHOUSE_URL: 'http://127.0.0.1:1', ELASTICSEARCH_URL: 'http://127.0.0.1:1' };
  const started = await withPreflight('api', async () => ({ stop: async () => {} }))(contextOf(configOf('away', away)));
  await started.stop();
});

test('this ClickHouse is one server', () => checkOneClickHouse(urls.clickhouse));
