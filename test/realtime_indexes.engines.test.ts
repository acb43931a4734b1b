import { randomUUID } from 'node:crypto';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { dropOldRealtimeIndexes } from '../batch/nightly/drop_realtime_indexes.ts';
import { type AdMinutesMessage, decodeMessage, encodeMessage } from '../domain/ad_minutes.ts';
import { DAYS_ID, minutesIndex, NO_DATABASE } from '../domain/names.ts';
import { DAY_MS, dayOf, iso } from '../domain/time.ts';
import { createClickHouse } from '../infra/clients/clickhouse.ts';
import { createElasticsearch } from '../infra/clients/elasticsearch.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { connectProducer, createKafka, ensureTopics, type Producer } from '../infra/clients/kafka.ts';
import { readConfig } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';
import { migrateClickHouse } from '../infra/migrate.ts';
import { daysDoc } from '../serving/documents/days.ts';
import { readStateDoc } from '../serving/documents/state.ts';
import { consume, prepareState } from '../serving/indexer/consume.ts';
import { createIndexer } from '../serving/indexer/indexer.ts';
import { createSetAside } from '../serving/indexer/set_aside.ts';
import { testDays } from './support/days.ts';
import { eventually } from './support/wait.ts';

/** An indexer with a queue and a state of its own, and a ledger of its own. */
const urls = engineUrls(readConfig(inject('env')));
const log = createLog('realtime-indexes-test');
log.level = 'silent';
const name = `clickledger-realtime-indexes-${randomUUID().slice(0, 8)}`;
const database = name.replaceAll('-', '_');
const firstMs = testDays(4);
const [rolledBack, old, recent, open] = [0, 1, 2, 3].map((n) => dayOf(firstMs + n * DAY_MS)) as [
  string,
  string,
  string,
  string,
];
const days = [rolledBack, old, recent, open];
const nowMs = firstMs + 20 * DAY_MS;
const [withoutDatabase, clickhouse] = [NO_DATABASE, database].map((of) =>
  createClickHouse(urls.clickhouse, { database: of }),
) as [ReturnType<typeof createClickHouse>, ReturnType<typeof createClickHouse>];
const elasticsearch = createElasticsearch(urls.elasticsearch);
const kafka = createKafka(urls.kafka, name, log);
const admin = kafka.admin();
let producer: Producer;
let indexer: Awaited<ReturnType<typeof consume>>;

beforeAll(async () => {
  await Promise.all([admin.connect(), migrateClickHouse({ clickhouse: withoutDatabase, database }, () => {})]);
  producer = await connectProducer(kafka);
  await ensureTopics(admin, [{ topic: name, partitions: 2, config: {} }]);
  const queue = { kafka, topic: name, group: name };
  await prepareState(elasticsearch, { event: 'click', stateIndex: name }, queue);
  const copy = createIndexer({
    event: 'click',
    elasticsearch,
    stateIndex: name,
    searchDays: 100,
    log,
    metrics: new Registry(),
    pace: { hasTime: () => true, spent: () => {} },
    nowMs: Date.now,
    partitions: 2,
  });
  const unexpected = async (...what: unknown[]) => {
    throw new Error(`unexpected: ${JSON.stringify(what)}`);
  };
  indexer = await consume(queue, 2, copy, decodeMessage, {
    setAside: createSetAside({ elasticsearch, stateIndex: name, log, metrics: new Registry() }),
    onUnseen: unexpected,
    onFailure: (error: unknown) => void unexpected(error),
  });
});
afterAll(async () => {
  await indexer.stop();
  await producer.disconnect();
  for (const day of days) {
    await elasticsearch.indices.delete({ index: minutesIndex('click', day, 'rt') }, { ignore: [404] });
  }
  await elasticsearch.indices.delete({ index: name });
  await withoutDatabase.command({ query: `DROP DATABASE ${database}` });
  await Promise.all([admin.disconnect(), elasticsearch.close(), clickhouse.close(), withoutDatabase.close()]);
});

const held = async (): Promise<string[]> => {
  const state = await readStateDoc(elasticsearch, daysDoc, name, DAYS_ID);
  return (state?.held ?? []).filter(({ realtime }) => realtime === 'made').map(({ day }) => day);
};
async function publish(day: string, run: number, seq: number, daysAgo: number): Promise<void> {
  const time = iso(nowMs - daysAgo * DAY_MS);
  const facts = { reason: 'test', requested_by: 'test', inputs: '{}', clicks: 1, cut: {} };
  const values = [{ date: day, seq, run, state: 'published', recorded_at: time, started_at: time, ...facts }];
  await clickhouse.insert({ table: 'ledger', values, format: 'JSONEachRow' });
}

test('the real-time index of a day goes when its run was published long ago, and of no other day', async () => {
  const rows = days.map((day): AdMinutesMessage => {
    return { kind: 'minutes', day, source: 'rt', rows: [[Date.parse(day), 'ad', 'USA', 1]] };
  });
  await producer.send({ topic: name, messages: rows.map((row) => ({ partition: 0, value: encodeMessage(row) })) });
  await eventually('all days are held', async () => (await held()).length === days.length);

  const engines = { clickhouse, elasticsearch, event: 'click', admin, producer, log } as const;
  const night = () => dropOldRealtimeIndexes({ ...engines, topics: { clicks: [], adMinutes: name } }, 7, nowMs, name);
  await night();
  await publish(rolledBack, 1, 1, 12);
  await publish(rolledBack, 0, 2, 10);
  await publish(old, 1, 3, 8);
  await publish(recent, 1, 4, 6);
  await night();
  await eventually('the old one is given up', async () => !(await held()).includes(old));
  expect(await held()).toEqual([rolledBack, recent, open]);
  const exists = (day: string) => elasticsearch.indices.exists({ index: minutesIndex('click', day, 'rt') });
  await eventually('its index is deleted', async () => !(await exists(old)));
  expect(await Promise.all(days.map(exists))).toEqual([true, false, true, true]);
});
