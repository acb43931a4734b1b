import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { HOST_ITSELF, skewMs } from '../../../domain/clocks.ts';
import { TOPICS } from '../../../domain/names.ts';
import { readClockAt as ofClickHouse } from '../../clocks/clickhouse.ts';
import { readClockAt as ofElasticsearch } from '../../clocks/elasticsearch.ts';
import { readConfig } from '../../config.ts';
import { createLog } from '../../log.ts';
import { engineUrls } from '../engines.ts';
import { clockOf, connectPlainProducer, createKafka, ensureTopics, type Producer } from '../kafka.ts';

const urls = engineUrls(readConfig(inject('env')));
const kafka = createKafka(urls.kafka, 'clock-test', createLog('clock-test'));
let producer: Producer;
beforeAll(async () => {
  producer = await connectPlainProducer(kafka);
});
afterAll(() => producer.disconnect());

test('the clocks of one machine agree, each read from its engine', async () => {
  const clock = clockOf(producer, TOPICS.clock);
  const first = await clock.read();
  const broker = await clock.reading();
  expect(broker.atMs).toBeGreaterThanOrEqual(first);
  expect(skewMs(HOST_ITSELF, broker)).toBe(0);
  expect(clock.nowMs()).toBeGreaterThanOrEqual(broker.atMs);
  for (const read of [ofClickHouse, ofElasticsearch]) {
    expect(Math.abs(skewMs(await read(urls), broker))).toBeLessThan(1_000);
  }
});

test('a topic that keeps the times of senders is no clock', async () => {
  const admin = kafka.admin();
  await admin.connect();
  const topic = `clock-test-${randomUUID().slice(0, 8)}`;
  await ensureTopics(admin, [{ topic, partitions: 1, config: { 'message.timestamp.type': 'CreateTime' } }]);
  await expect(clockOf(producer, topic).read()).rejects.toThrow(/keeps the times of senders.*kafka-configs --alter/);
  await admin.deleteTopics({ topics: [topic] });
  await admin.disconnect();
});
