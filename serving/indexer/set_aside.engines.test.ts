import { randomUUID } from 'node:crypto';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { decodeMessage, encodeMessage } from '../../domain/ad_minutes.ts';
import { createElasticsearch } from '../../infra/clients/elasticsearch.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { committedOffsets, connectProducer, createKafka, ensureTopics } from '../../infra/clients/kafka.ts';
import { readConfig } from '../../infra/config.ts';
import { createLog } from '../../infra/log.ts';
import { eventually } from '../../test/support/wait.ts';
import { readIndexerState } from '../api/stores/search_state.ts';
import { readSetAside, settleSetAside } from '../documents/set_aside.ts';
import { boundaryId, partitionDoc, readStateDoc } from '../documents/state.ts';
import { consume, prepareState } from './consume.ts';
import { createIndexer } from './indexer.ts';
import { createSetAside } from './set_aside.ts';

const urls = engineUrls(readConfig(inject('env')));
const log = createLog('set-aside-test');
log.level = 'silent';
const elasticsearch = createElasticsearch(urls.elasticsearch);
const kafka = createKafka(urls.kafka, 'set-aside-test', log);
const admin = kafka.admin();
const name = `clickledger-indexer-test-${randomUUID().slice(0, 8)}`;
const queue = { kafka, topic: name, group: name };

beforeAll(async () => {
  await admin.connect();
  await ensureTopics(admin, [{ topic: name, partitions: 1, config: {} }]);
  await prepareState(elasticsearch, { event: 'click', stateIndex: name }, queue);
});
afterAll(async () => {
  await elasticsearch.indices.delete({ index: name });
  await Promise.all([admin.disconnect(), elasticsearch.close()]);
});

test('a message that cannot be read is set aside, the next are applied, and ClickHouse answers until it is settled', async () => {
  const metrics = new Registry();
  const pace = { hasTime: () => true, spent: () => {} };
  const indexer = createIndexer({
    event: 'click',
    elasticsearch,
    stateIndex: name,
    searchDays: 100,
    log,
    metrics,
    pace,
    nowMs: Date.now,
  });
  const setAside = createSetAside({ elasticsearch, stateIndex: name, log, metrics });
  const failures: unknown[] = [];
  const onFailure = (error: unknown) => void failures.push(error);
  const consumer = await consume(queue, 1, indexer, decodeMessage, {
    setAside,
    onUnseen: async (...unseen) => void failures.push(unseen),
    onFailure,
  });
  const producer = await connectProducer(kafka);
  const closedTo = encodeMessage({ kind: 'closed-to', boundaryMs: 60_000, watermarkMs: 61_000 });
  const values = ['{"kind":"minutes","day":"2004-12-01"}', closedTo];
  await producer.send({ topic: name, messages: values.map((value) => ({ partition: 0, value })) });
  await eventually('both are committed', async () => {
    return (await committedOffsets(admin, name, name)).get(0)?.offset === values.length;
  });
  await Promise.all([consumer.stop(), producer.disconnect()]);

  expect(failures).toEqual([]);
  const kept = await readSetAside(elasticsearch, name);
  expect(kept).toMatchObject({ total: 1, messages: [{ topic: name, partition: 0, offset: 0 }] });
  expect(Buffer.from(kept.messages[0]?.bytes ?? '', 'base64').toString()).toBe(values[0]);
  expect(await metrics.metrics()).toContain(`clickledger_indexer_set_aside_total{topic="${name}"} 1`);
  const boundary = await readStateDoc(elasticsearch, partitionDoc, name, boundaryId(0));
  expect(boundary).toMatchObject({ boundary_ms: 60_000 });

  // Each with stores of its own: what was read for one is not told to the other.
  const state = () =>
    readIndexerState({ elasticsearch, event: 'click' as const, stateIndex: name, realtimePartitions: [0] });
  expect(await state()).toMatchObject({ boundaryMs: null, watermarkMs: 61_000 });
  expect(await settleSetAside(elasticsearch, name, kept)).toBe(0);
  expect(await state()).toMatchObject({ boundaryMs: 60_000 });
});
