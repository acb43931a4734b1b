import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createManifest } from '../../batch/archive/files/manifest.ts';
import { eventTopic } from '../../domain/event_kinds.ts';
import { FIRST_NAMES } from '../../domain/partition_names.ts';
import { HOUR_MS, iso } from '../../domain/time.ts';
import { createClickHouse } from '../../infra/clients/clickhouse.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { connectProducer, createKafka } from '../../infra/clients/kafka.ts';
import { readConfig } from '../../infra/config.ts';
import { createLog } from '../../infra/log.ts';
import { idOnRecord, replaceStore } from '../../infra/preflight/stores.ts';
import { openFindings } from '../../infra/register/findings.ts';
import { openRegister } from '../../infra/register/open.ts';
import { beginRestore } from '../../infra/register/restores.ts';
import { forgetAds } from '../../test/support/corruption.ts';
import { testAd, testDays } from '../../test/support/days.ts';
import { goOnWithKafka, judgeKafka } from './kafka.ts';
import { lostLogs } from './lost_logs.ts';

const env = inject('env');
const urls = engineUrls(readConfig(env));
const log = createLog('restore-kafka-test');
log.level = 'silent';
const kafka = createKafka(urls.kafka, 'restore-kafka-test', log);
const admin = kafka.admin();
const clickhouse = createClickHouse(urls.clickhouse);
const folder = mkdtempSync(join(tmpdir(), 'clickledger-lost-kafka-'));
const region = `t${randomBytes(4).toString('hex')}`;
const topic = eventTopic('click', region);
const said: string[] = [];
const say = (line: string): void => void said.push(line);
const ad = testAd('lost');
let id = '';

/** A platform with a register of its own, whose only region is that of the test. */
const platform = (name: string) => ({
  ...readConfig({
    ...env,
    REGISTER_URL: pathToFileURL(join(folder, name)).href,
    REGIONS: region,
    EVENT_KINDS: 'click',
  }),
  archiveDir: join(folder, `${name}-archive`),
});

beforeAll(async () => {
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] });
  const producer = await connectProducer(kafka);
  await producer.send({ topic, messages: [{ value: 'of somebody else' }] });
  await producer.disconnect();
  id = (await admin.describeCluster()).clusterId;
});
afterAll(async () => {
  await admin.deleteTopics({ topics: [topic] });
  await forgetAds(clickhouse, ad);
  await Promise.all([admin.disconnect(), clickhouse.close()]);
  rmSync(folder, { recursive: true });
});

test('another Kafka is taken only if somebody asks for it, and only an empty one', async () => {
  const config = platform('judged');
  const register = openRegister(config);
  await replaceStore(register, 'kafka', 'ours', Date.now());
  await expect(judgeKafka(config, false, say)).rejects.toThrow(
    new RegExp(
      `is another cluster \\(${id}\\) than that of this platform \\(ours\\); nothing was restored.*let KAFKA_BROKERS name the ` +
        'right one.*if it is lost for good, "./clickledger restore --new-kafka"',
    ),
  );
  const withoutTopics = { ...config, eventKinds: [] };
  expect(await judgeKafka(withoutTopics, true, say)).toEqual({ lost: 'ours', wasAnswering: true });
  await expect(judgeKafka(config, true, say)).rejects.toThrow(
    /and its topic clicks\S* has messages: name the right one/,
  );
  // Refused, it leaves nothing on record.
  expect([await register.list('restores/'), await openFindings(register)]).toEqual([[], []]);
  expect(await idOnRecord(register, 'kafka')).toBe('ours');
});

test('one that is found to have messages only after the restore began is not taken', async () => {
  const config = platform('begun');
  const register = openRegister(config);
  await replaceStore(register, 'kafka', 'ours', Date.now());
  const goOn = goOnWithKafka(config, { lost: 'ours', wasAnswering: false }, log, say);
  await expect(goOn).rejects.toThrow(/its topic clicks\S* has messages/);
  expect([await idOnRecord(register, 'kafka'), await openFindings(register)]).toEqual(['ours', []]);
});

test('once a restore has gone on with another one, the one that was given up is refused, and so is a third', async () => {
  for (const [name, lost, expected] of [
    ['given-up', id, `is the one that was given up \\(${id}\\)`],
    ['third', 'ours', `is another one \\(${id}\\)`],
  ] as const) {
    const config = platform(name);
    const register = openRegister(config);
    await beginRestore(register, 'kafka', Date.now(), lost);
    await replaceStore(register, 'kafka', 'successor', Date.now());
    const givingUp = await judgeKafka(config, false, say);
    expect(givingUp).toEqual({ lost, wasAnswering: true });
    await expect(goOnWithKafka(config, givingUp ?? { lost, wasAnswering: true }, log, say)).rejects.toThrow(
      new RegExp(
        `${expected}, and this restore has gone on with successor.*"./clickledger migrate --accept-store kafka"`,
      ),
    );
    expect(await idOnRecord(register, 'kafka')).toBe('successor');
  }
});

test('what the archive has beyond ClickHouse is not taken for stored', async () => {
  const config = platform('archive-ahead');
  // Later than what the publisher of the shared platform has sent.
  const [storedMs, archivedMs] = [Date.now() + HOUR_MS, Date.now() + 2 * HOUR_MS];
  const row = {
    event_id: testAd('id'),
    ad_id: ad,
    click_timestamp: iso(testDays()),
    user_id: 'u',
    ip: '10.0.0.1',
    country: 'USA',
    arrived_at: iso(storedMs),
    topic_partition: `${topic}-0`,
    topic_offset: 2,
  };
  await clickhouse.insert({ table: 'clicks', values: [row], format: 'JSONEachRow' });
  const range = { topic, partition: 0, from: 0, to: 9, rows: 0, rejected: 9, files: [] };
  createManifest(config.archiveDir, { ...range, arrived_from: storedMs, arrived_to: archivedMs });
  const logs = await lostLogs(config, 'click', admin, FIRST_NAMES, true);
  expect(logs.find(({ name }) => name === `${topic}-0`)).toMatchObject({
    end: 9,
    gap: null,
    arrivedMs: archivedMs,
    storedUntilMs: storedMs,
  });
});
